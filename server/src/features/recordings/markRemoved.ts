import type { Context } from '../../context.ts'
import { sql } from '../../store/postgres.ts'

/** Longer than any turn takes. */
const turnMs = 600_000

/**
 * To be called before calls are removed, or recordings taken from them: the sweep will look at their recordings, even if
 * this process dies between the removal and `markRemoved`. Gives the calls that have any.
 */
export async function expectRemoval({ app, accountId }: Context, callIds: readonly string[]): Promise<string[]> {
  if (callIds.length === 0) return []
  const rows = await app.postgres.query<{ call_id: string }>(sql`
    UPDATE recordings
    SET check_at = coalesce(check_at, ${new Date(app.now() + turnMs)})
    WHERE account_id = ${accountId}
      AND call_id = ANY(${callIds})
    RETURNING call_id`)
  return [...new Set(rows.map((row) => row.call_id))]
}

/** To be called once the calls are removed: links to their recordings end now, the sweep takes the bytes away. */
export async function markRemoved({ app, accountId }: Context, callIds: readonly string[]): Promise<void> {
  if (callIds.length === 0) return
  await app.postgres.run(sql`
    UPDATE recordings
    SET state = 'removed',
        check_at = ${new Date(app.now())}
    WHERE account_id = ${accountId}
      AND call_id = ANY(${callIds})
      AND state = 'stored'`)
}
