import type { Ports } from '../../ports.ts'
import { sql } from '../../store/postgres/postgres.ts'

export const dayMs = 86_400_000

/** The UTC days of a range on which calls of an account ended, from one PostgreSQL snapshot. */
export interface CallDays {
  /** The account's last batch in that snapshot. */
  batch: number
  /** Whether unlisted days have no calls. */
  isComplete: boolean
  /** In order. `version` is the version of the day's totals; 0 if the totals are out of date. */
  days: { day: number; version: number }[]
}

/** Returns the UTC day of an instant, in days since 1970. */
export function dayOf(instantMs: number): number {
  return Math.floor(instantMs / dayMs)
}

/** Reads the days from `firstDay` to `lastDay` and the versions of their totals. */
export async function readCallDays(
  { postgres }: Pick<Ports, 'postgres'>,
  accountId: number,
  { firstDay, lastDay }: { firstDay: number; lastDay: number },
): Promise<CallDays> {
  const row = await postgres.first<{ batch: number; isComplete: boolean; days: [number, number][] }>(sql`
    SELECT
      last_batch AS batch,
      EXISTS (SELECT FROM call_day_accounts WHERE account_id = ${accountId}) AS "isComplete",
      coalesce(
        (
          SELECT json_agg(
            json_build_array(day, CASE WHEN totals_batch >= changed_batch THEN totals_version ELSE 0 END)
            ORDER BY day
          )
          FROM call_days
          WHERE account_id = ${accountId}
            AND day BETWEEN ${firstDay} AND ${lastDay}
        ),
        '[]'
      ) AS days
    FROM ingest_accounts
    WHERE account_id = ${accountId}`)
  if (!row) return { batch: 0, isComplete: true, days: [] }
  return { ...row, days: row.days.map(([day, version]) => ({ day, version })) }
}

/** Reads the days of a range that batches after `batch` changed. */
export async function readChangedDays(
  { postgres }: Pick<Ports, 'postgres'>,
  accountId: number,
  { firstDay, lastDay, batch }: { firstDay: number; lastDay: number; batch: number },
): Promise<Set<number>> {
  const rows = await postgres.query<{ day: number }>(sql`
    SELECT day
    FROM call_days
    WHERE account_id = ${accountId}
      AND day BETWEEN ${firstDay} AND ${lastDay}
      AND changed_batch > ${batch}`)
  return new Set(rows.map((row) => row.day))
}
