import { requireScope, type Context } from '../../context.ts'
import { recordAudit } from '../accounts/recordAudit.ts'
import { requireCollection } from './ingestRecords.ts'
import { plainCommand } from '../../recordLog/command.ts'

/**
 * Deletes a record for good, a call with all its parts. Gives how many records went; none when it was deleted before.
 * Throws RESOURCE_NOT_FOUND for a record that never was.
 */
export async function deleteRecord(context: Context, collectionName: string, key: string): Promise<number> {
  requireScope(context, 'ingest:write')
  const { ports, accountId } = context
  const collection = requireCollection(collectionName)
  const counts = await ports.recordLog.submit(accountId, plainCommand({ kind: 'remove', collection, key }))
  const records = counts.deleted ?? 0
  // Told also when it was gone before: whoever got no answer from a process that died asks again.
  if (collection.name === 'calls') {
    await recordAudit(ports.postgres, context, { action: 'call.deleted', subject: `call:${key}`, details: { records } })
  }
  return records
}
