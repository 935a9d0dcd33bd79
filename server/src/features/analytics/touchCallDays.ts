import type { CommitFacts } from '../../recordLog/commitAddition.ts'
import { sql, type Queryable, type Sql } from '../../store/postgres/postgres.ts'

/** Marks the days whose totals a commit makes out of date. */
export async function touchCallDays(
  _on: Queryable,
  { accountId, batch, days, source }: CommitFacts,
): Promise<Sql | undefined> {
  if (days.size === 0) return undefined
  return sql`
    days AS (
      INSERT INTO call_days (account_id, day, changed_batch)
      SELECT ${accountId}, day, ${batch}
      FROM ${source}, unnest(${[...days].toSorted((left, right) => left - right)}::integer[]) AS day
      ON CONFLICT (account_id, day) DO UPDATE
      SET changed_batch = excluded.changed_batch
    )`
}
