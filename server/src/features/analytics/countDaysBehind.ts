import type { Ports } from '../../ports.ts'
import { sql } from '../../store/postgres/postgres.ts'

/** Counts the days of all accounts with out-of-date totals; such days are read from the calls, which takes longer. */
export async function countDaysBehind({ postgres }: Ports): Promise<number> {
  const row = await postgres.first<{ count: number }>(sql`
    SELECT count(*) AS count
    FROM call_days
    WHERE totals_batch < changed_batch`)
  return row?.count ?? 0
}
