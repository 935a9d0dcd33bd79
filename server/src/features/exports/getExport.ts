import { requireScope, type Context } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { exportFrom, type Export, type ExportRow } from './export.ts'
import { readScope, seenSince, type ExportView } from './surfaces.ts'

/** Reads an export of the account that `surface` may see. Throws RESOURCE_NOT_FOUND for other ids. */
export async function getExport(context: Context, surface: ExportView, id: string): Promise<Export> {
  requireScope(context, readScope(surface))
  const { ports, accountId } = context
  if (!isUuid(id)) throw noSuchExport()
  const row = await ports.postgres.first<ExportRow>(sql`
    SELECT *
    FROM exports
    WHERE account_id = ${accountId}
      AND ${surface} IN ('all', surface)
      AND id = ${id}
      AND created_at > ${seenSince(surface, ports.now())}`)
  if (!row) throw noSuchExport()
  return exportFrom(row)
}

/** Returns whether a text has the form of an export id. */
export function isUuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)
}

export function noSuchExport(): AppError {
  return new AppError('RESOURCE_NOT_FOUND', 'There is no such export, or none any more.')
}
