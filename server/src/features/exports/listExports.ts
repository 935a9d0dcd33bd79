import { requireScope, type Context } from '../../context.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { exportFrom, type Export, type ExportRow } from './export.ts'
import { exportLifetimeMs, readScope, type ExportView } from './surfaces.ts'

/** The account's exports that `surface` sees, newest first. */
export async function listExports(context: Context, surface: ExportView, limit: number): Promise<Export[]> {
  requireScope(context, readScope(surface))
  const { app, accountId } = context
  const rows = await app.postgres.query<ExportRow>(sql`
    SELECT *
    FROM exports
    WHERE account_id = ${accountId}
      AND ${surface} IN ('all', surface)
      AND created_at > ${new Date(app.now() - exportLifetimeMs)}
    ORDER BY created_at DESC, id DESC
    LIMIT ${limit}`)
  return rows.map(exportFrom)
}
