import { requireScope, type Context } from '../../context.ts'
import { requireCollection } from './ingestRecords.ts'

/**
 * Deletes a record for good, a call with all its parts. Gives how many records went; none when it was deleted before.
 * Throws RESOURCE_NOT_FOUND for a record that never was.
 */
export async function deleteRecord(context: Context, collectionName: string, key: string): Promise<number> {
  requireScope(context, 'ingest:write')
  const collection = requireCollection(collectionName)
  const counts = await context.app.ingest.submit(context.accountId, {
    work: { kind: 'remove', collection, key },
    faults: [],
    isDryRun: false,
    idempotency: undefined,
  })
  return counts.deleted ?? 0
}
