import { requireScope, type Context } from '../../context.ts'
import { recordAudit } from '../accounts/recordAudit.ts'
import { requireCollection } from './ingestRecords.ts'
import { plainCommand } from '../../recordLog/command.ts'

/**
 * Deletes a record permanently, a call with all its parts. Returns how many records were deleted; 0 when the record was
 * deleted before. Throws RESOURCE_NOT_FOUND for a record that never existed.
 */
export async function deleteRecord(context: Context, collectionName: string, key: string): Promise<number> {
  requireScope(context, 'ingest:write')
  const { ports, accountId } = context
  const collection = requireCollection(collectionName)
  const counts = await ports.recordLog.submit(accountId, plainCommand({ kind: 'remove', collection, key }))
  const records = counts.deleted ?? 0
  // A repeated deletion is audited too: a process may die after the deletion and before the audit entry, and then the
  // client repeats the request.
  if (collection.name === 'calls') {
    await recordAudit(ports.postgres, context, { action: 'call.deleted', subject: `call:${key}`, details: { records } })
  }
  return records
}
