import { requireScope, type Context } from '../../context.ts'
import { sql } from '../../store/postgres.ts'
import { exportFrom, type Export, type ExportRow } from './export.ts'
import { exportLifetimeMs, exportSurfaces, type ExportSurface } from './surfaces.ts'

/** The account's exports that were started through `surface`, newest first. */
export async function listExports(context: Context, surface: ExportSurface, limit: number): Promise<Export[]> {
  requireScope(context, exportSurfaces[surface].readScope)
  const { app, accountId } = context
  const rows = await app.postgres.query<ExportRow>(sql`
    SELECT *
    FROM exports
    WHERE account_id = ${accountId}
      AND surface = ${surface}
      AND created_at > ${new Date(app.now() - exportLifetimeMs)}
    ORDER BY created_at DESC, id DESC
    LIMIT ${limit}`)
  return rows.map(exportFrom)
}
