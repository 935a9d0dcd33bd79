import type { Ports } from '../../ports.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { dayMs } from './callDays.ts'
import { sumNames, sums } from './sums.ts'

/** Days per statement, which limits its memory and time. */
const daysAtOnce = 32

/** An account with out-of-date totals. */
interface Behind {
  accountId: number
  /** All batches up to this one are completely in ClickHouse. */
  closedBatch: number
  days: number[]
}

/** The state at a process's previous check: days that have changed since then are still changing and are postponed. */
export type LastLook = Map<number, number>

/**
 * Rebuilds the totals of days that changed but have not changed since `lastLook`. A day that changes constantly is read
 * from the calls meanwhile. May be stopped and repeated at any point.
 */
export async function rebuildDayTotals(ports: Ports, lastLook: LastLook, signal?: AbortSignal): Promise<void> {
  await findFormerDays(ports, signal)
  for (const { accountId, closedBatch } of await readAccounts(ports)) {
    signal?.throwIfAborted()
    const quietBatch = Math.min(lastLook.get(accountId) ?? closedBatch, closedBatch)
    lastLook.set(accountId, closedBatch)
    const days = await readDaysBehind(ports, accountId, quietBatch)
    for (let first = 0; first < days.length; first += daysAtOnce) {
      signal?.throwIfAborted()
      await rebuild(ports, { accountId, closedBatch, days: days.slice(first, first + daysAtOnce) }, signal)
    }
  }
}

async function readAccounts({ postgres }: Ports): Promise<Omit<Behind, 'days'>[]> {
  return postgres.query(sql`
    SELECT
      account_id AS "accountId",
      coalesce(
        (SELECT min(batch) - 1 FROM ingest_batches WHERE ingest_batches.account_id = ingest_accounts.account_id),
        last_batch
      ) AS "closedBatch"
    FROM ingest_accounts
    WHERE EXISTS (
      SELECT
      FROM call_days
      WHERE call_days.account_id = ingest_accounts.account_id
        AND totals_batch < changed_batch
    )
    ORDER BY account_id`)
}

/** Newest days first, because they are requested most. */
async function readDaysBehind({ postgres }: Ports, accountId: number, quietBatch: number): Promise<number[]> {
  const rows = await postgres.query<{ day: number }>(sql`
    SELECT day
    FROM call_days
    WHERE account_id = ${accountId}
      AND totals_batch < changed_batch
      AND changed_batch <= ${quietBatch}
    ORDER BY day DESC`)
  return rows.map((row) => row.day)
}

/**
 * Writes the days' totals under a new version, then publishes the version to readers. Calls of later batches may be
 * included harmlessly, because a day that such a batch changed stays out of date.
 */
async function rebuild(ports: Ports, behind: Behind, signal?: AbortSignal): Promise<void> {
  const version = await newVersion(ports)
  for (const statement of totalsStatements(behind.days.length)) {
    await ports.clickhouse.command(statement, totalsParameters(behind, version), { isLong: true })
  }
  // Another process may have taken over and deleted the unpublished totals.
  signal?.throwIfAborted()
  await ports.postgres.run(sql`
    UPDATE call_days
    SET totals_batch = ${behind.closedBatch},
        totals_version = ${version}
    WHERE account_id = ${behind.accountId}
      AND day = ANY (${behind.days}::integer[])
      AND changed_batch <= ${behind.closedBatch}
      AND totals_batch < changed_batch`)
}

async function newVersion({ postgres }: Ports): Promise<number> {
  const row = await postgres.first<{ version: number }>(sql`SELECT nextval('call_totals_versions') AS version`)
  if (!row) throw new Error('PostgreSQL gives no number.')
  return row.version
}

const idColumns = ['campaign_id', 'call_center_id', 'engagement_id'] as const

/** Calculates totals of agents and of quarter hours from the calls, and totals of days from those of agents. */
function totalsStatements(days: number): string[] {
  const sumColumns = sumNames.join(',\n      ')
  const byDay = `
    INSERT INTO day_totals (account_id, day, version, ${idColumns.join(', ')}, ${sumNames.join(', ')})
    SELECT
      account_id,
      day,
      version,
      ${idColumns.join(',\n      ')},
      ${sumNames.map((name) => `sum(agent_totals.${name})`).join(',\n      ')}
    FROM agent_totals
    WHERE account_id = {accountId:UInt32}
      AND day IN {days:Array(Int32)}
      AND version = {version:Int64}
    GROUP BY account_id, day, version, ${idColumns.join(', ')}`
  const fromCalls = (table: string, key: string, expression: string): string => `
    INSERT INTO ${table} (account_id, day, version, ${idColumns.join(', ')}, ${key}, ${sumColumns})
    SELECT
      {accountId:UInt32},
      toInt32(floor(toUnixTimestamp64Milli(assumeNotNull(calls.ended_at)) / ${dayMs})) AS total_day,
      {version:Int64},
      ${idColumns.map((column) => `ifNull(calls.${column}, '') AS total_${column}`).join(',\n      ')},
      ${expression} AS total_key,
      ${sumNames.map((name) => sums[name].overCalls).join(',\n      ')}
    FROM calls FINAL
    WHERE account_id = {accountId:UInt32}
      AND removed = 0
      AND status != 'active'
      AND (${rangesOf(days)})
    GROUP BY total_day, ${idColumns.map((column) => `total_${column}`).join(', ')}, total_key`
  return [
    fromCalls('agent_totals', 'agent_id', "ifNull(calls.agent_id, '')"),
    byDay,
    fromCalls(
      'quarter_totals',
      'quarter',
      'toUInt8(floor(positiveModulo(toUnixTimestamp64Milli(assumeNotNull(calls.ended_at)), 86400000) / 900000))',
    ),
  ]
}

function rangesOf(days: number): string {
  const ranges = Array.from(
    { length: days },
    (_, index) => `(
        ended_at >= fromUnixTimestamp64Milli({from${index}:Int64}, 'UTC')
        AND ended_at < fromUnixTimestamp64Milli({to${index}:Int64}, 'UTC')
      )`,
  )
  return ranges.join(' OR ')
}

function totalsParameters({ accountId, days }: Behind, version: number): Record<string, unknown> {
  const ranges = days.flatMap((day, index) => [
    [`from${index}`, day * dayMs],
    [`to${index}`, (day + 1) * dayMs],
  ])
  return { accountId, days, version, ...Object.fromEntries(ranges) }
}

/** Finds the days of accounts whose calls are older than the record of changed days; this happens once. */
async function findFormerDays(ports: Ports, signal?: AbortSignal): Promise<void> {
  const accounts = await ports.postgres.query<{ accountId: number; closedBatch: number }>(sql`
    SELECT
      account_id AS "accountId",
      last_batch AS "closedBatch"
    FROM ingest_accounts
    WHERE NOT EXISTS (SELECT FROM call_day_accounts WHERE call_day_accounts.account_id = ingest_accounts.account_id)
      AND NOT EXISTS (
        -- One that an earlier program left open: it did not note its days.
        SELECT
        FROM ingest_batches
        WHERE ingest_batches.account_id = ingest_accounts.account_id
          AND created_at < now() - INTERVAL '5 seconds'
      )`)
  for (const { accountId, closedBatch } of accounts) {
    signal?.throwIfAborted()
    await noteDays(ports, accountId, closedBatch)
  }
}

async function noteDays({ clickhouse, postgres }: Ports, accountId: number, batch: number): Promise<void> {
  const rows = await clickhouse.rows<{ day: number }>(
    `SELECT DISTINCT toInt32(floor(toUnixTimestamp64Milli(assumeNotNull(ended_at)) / ${dayMs})) AS day
     FROM calls
     WHERE account_id = {accountId:UInt32}
       AND ended_at IS NOT NULL`,
    { accountId },
  )
  await postgres.run(sql`
    WITH noted AS (
      INSERT INTO call_days (account_id, day, changed_batch)
      SELECT ${accountId}, day, ${batch}
      FROM unnest(${rows.map((row) => row.day)}::integer[]) AS day
      ON CONFLICT DO NOTHING
    )
    INSERT INTO call_day_accounts (account_id)
    VALUES (${accountId})
    ON CONFLICT DO NOTHING`)
}
