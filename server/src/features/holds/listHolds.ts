import { requireScope, type Context } from '../../context.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { holdFrom, type Hold, type HoldRow } from './hold.ts'

/**
 * Lists a page of the calls under a legal hold, by id; `nextAfter` is the start of the next page, undefined on the last
 * one.
 */
export async function listHolds(
  context: Context,
  page: { limit: number; after?: string },
): Promise<{ holds: Hold[]; nextAfter: string | undefined }> {
  requireScope(context, 'admin')
  const rows = await context.ports.postgres.query<HoldRow>(sql`
    SELECT *
    FROM legal_holds
    WHERE account_id = ${context.accountId}
      AND released_at IS NULL
      AND call_id COLLATE "C" > ${page.after ?? ''}
    ORDER BY call_id COLLATE "C"
    LIMIT ${page.limit + 1}`)
  const holds = rows.slice(0, page.limit).map(holdFrom)
  return { holds, nextAfter: rows.length > page.limit ? holds.at(-1)?.callId : undefined }
}
