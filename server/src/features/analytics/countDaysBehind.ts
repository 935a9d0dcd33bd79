import type { Ports } from '../../ports.ts'
import { sql } from '../../store/postgres/postgres.ts'

/** Days of all accounts whose totals are behind: they are read from the calls, which takes longer. */
export async function countDaysBehind({ postgres }: Ports): Promise<number> {
  const row = await postgres.first<{ count: number }>(sql`
    SELECT count(*) AS count
    FROM call_days
    WHERE totals_batch < changed_batch`)
  return row?.count ?? 0
}
