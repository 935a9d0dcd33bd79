import { requireScope, type Context } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { exportFrom, type Export, type ExportRow } from './export.ts'
import { getExport, isUuid, noSuchExport } from './getExport.ts'
import type { ExportView } from './surfaces.ts'

/** Cancels an unfinished export. Throws RESOURCE_NOT_FOUND, or CONFLICT when it has ended. */
export async function cancelExport(context: Context, surface: ExportView, id: string): Promise<Export> {
  requireScope(context, 'analytics:export')
  const { ports, accountId } = context
  if (!isUuid(id)) throw noSuchExport()
  const cancelled = await ports.postgres.transaction(async (tx) => {
    const row = await tx.first<ExportRow & { job_id: string }>(sql`
      UPDATE exports
      SET status = 'cancelled',
          completed_at = ${new Date(ports.now())}
      WHERE account_id = ${accountId}
        AND ${surface} IN ('all', surface)
        AND id = ${id}
        AND status IN ('queued', 'processing')
      RETURNING *`)
    if (row) await ports.jobs.cancel(tx, row.job_id)
    return row
  })
  if (cancelled) return exportFrom(cancelled)
  const { status } = await getExport(context, surface, id)
  throw new AppError('CONFLICT', `This export has ended already (${status}); only one that has not can be cancelled.`)
}
