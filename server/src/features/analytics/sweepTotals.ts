import type { Ports } from '../../ports.ts'
import { sql } from '../../store/postgres/postgres.ts'

/** Obsolete totals found by the last sweep, as `account/day/version`. */
export type Leftovers = Set<string>

const tables = ['agent_totals', 'day_totals', 'quarter_totals'] as const

interface Kept {
  day: number
  version: number
}

/**
 * Deletes totals that were replaced or never published. Each sweep deletes what the previous one found, because readers
 * and writers from before have finished by then.
 */
export async function sweepTotals(ports: Ports, found: Leftovers, signal?: AbortSignal): Promise<void> {
  const accounts = await ports.postgres.query<{ accountId: number }>(sql`
    SELECT DISTINCT account_id AS "accountId"
    FROM call_days
    ORDER BY account_id`)
  for (const { accountId } of accounts) {
    signal?.throwIfAborted()
    await sweepAccount(ports, accountId, found)
  }
}

async function sweepAccount(ports: Ports, accountId: number, found: Leftovers): Promise<void> {
  const keyOf = ({ day, version }: Kept): string => `${accountId}/${day}/${version}`
  const left = await readLeftovers(ports, accountId)
  const due = left.filter((kept) => found.delete(keyOf(kept)))
  for (const kept of left) found.add(keyOf(kept))
  if (due.length === 0) return
  for (const table of tables) {
    await ports.clickhouse.command(
      `ALTER TABLE ${table}
       DELETE WHERE account_id = {accountId:UInt32}
         AND (day, version) IN (SELECT arrayJoin(arrayZip({days:Array(Int32)}, {versions:Array(Int64)})))
       SETTINGS mutations_sync = 1`,
      { accountId, days: due.map(({ day }) => day), versions: due.map(({ version }) => version) },
      { isLong: true, onEveryNode: true },
    )
  }
  for (const kept of due) found.delete(keyOf(kept))
}

/** Stored totals are read first, so that a version published in between is not treated as obsolete. */
async function readLeftovers({ clickhouse, postgres }: Ports, accountId: number): Promise<Kept[]> {
  const stored = await clickhouse.rows<Kept>(
    `SELECT DISTINCT day, version
     FROM
     (
       ${tables.map((table) => `SELECT day, version FROM ${table} WHERE account_id = {accountId:UInt32}`).join('\n       UNION ALL ')}
     )`,
    { accountId },
  )
  const counted = await postgres.query<Kept>(sql`
    SELECT day, totals_version AS version
    FROM call_days
    WHERE account_id = ${accountId}`)
  const versions = new Map(counted.map(({ day, version }) => [day, version]))
  return stored.filter(({ day, version }) => versions.get(day) !== version)
}
