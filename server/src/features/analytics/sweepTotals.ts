import type { Ports } from '../../ports.ts'
import { sql } from '../../store/postgres/postgres.ts'

/** Totals that do not count, as `account/day/version`, that the last sweep found. */
export type Leftovers = Set<string>

const tables = ['agent_totals', 'day_totals', 'quarter_totals'] as const

interface Kept {
  day: number
  version: number
}

/**
 * Removes totals that were replaced or never finished. What one sweep finds the next one removes: readers and writers
 * that began before are done by then.
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

/** What is stored is read first, so that a version that is let out in between is not taken for a leftover. */
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
