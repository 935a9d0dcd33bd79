import { requireScope, type Context } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { exportFrom, type Export, type ExportRow } from './export.ts'
import { isUuid } from './getExport.ts'
import { readScope, seenSince, type ExportView } from './surfaces.ts'

/** A page of exports. */
interface ExportPage {
  exports: Export[]
  /** The cursor of the next page; undefined on the last page. */
  nextCursor: string | undefined
}

/** Lists the account's exports that `surface` may see, newest first. Throws BAD_REQUEST for an invalid cursor. */
export async function listExports(
  context: Context,
  surface: ExportView,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<ExportPage> {
  requireScope(context, readScope(surface))
  const { ports, accountId } = context
  const after = cursor === undefined ? undefined : readCursor(cursor)
  const rows = await ports.postgres.query<ExportRow>(sql`
    SELECT *
    FROM exports
    WHERE account_id = ${accountId}
      AND ${surface} IN ('all', surface)
      AND created_at > ${seenSince(surface, ports.now())}
      AND (${after === undefined} OR (created_at, id) < (${after?.createdAt ?? null}::timestamptz, ${after?.id ?? null}::uuid))
    ORDER BY created_at DESC, id DESC
    LIMIT ${limit + 1}`)
  const exports = rows.slice(0, limit).map(exportFrom)
  const last = exports.at(-1)
  return { exports, nextCursor: rows.length > limit && last ? writeCursor(last) : undefined }
}

/**
 * The cursor holds the position after the last export, not its row, because that export may be deleted before the next
 * request.
 */
function writeCursor({ createdAt, id }: Export): string {
  return Buffer.from(`${createdAt.getTime()}.${id}`).toString('base64url')
}

function readCursor(cursor: string): { createdAt: Date; id: string } {
  const [time = '', id = '', ...more] = Buffer.from(cursor, 'base64url').toString().split('.')
  if (/^\d{1,15}$/.test(time) && isUuid(id) && more.length === 0) return { createdAt: new Date(Number(time)), id }
  throw new AppError('BAD_REQUEST', 'The cursor is not one that this list gave as nextCursor; begin without one.')
}
