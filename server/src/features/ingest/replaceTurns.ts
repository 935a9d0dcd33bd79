import { requireScope, type Context } from '../../context.ts'
import { turns } from '../../domain/collections/parts.ts'
import { isObject } from '../../domain/readValue.ts'
import { requireFreeSpace } from '../../store/files/disk.ts'
import { bodyLimits, checkAll, idempotencyOf } from './ingestRecords.ts'
import { readBody, type IngestBody } from './readBody.ts'
import { refused } from '../../recordLog/recordFaults.ts'
import type { IngestCounts } from '../../recordLog/command.ts'

/**
 * Puts the turns of the body in the place of all turns of the call (interim by final). A turn that was left out by an
 * earlier replacement may come back; `callId` may be left out, since the path names it.
 */
export async function replaceTurns(
  context: Context,
  request: { callId: string; body: IngestBody; isDryRun: boolean; idempotencyKey: string | undefined },
): Promise<IngestCounts> {
  requireScope(context, 'ingest:write')
  const { app, accountId } = context
  const { callId } = request
  await requireFreeSpace(app.config.dataDirectory, app.config.minimumFreeBytes)
  const records = await readBody(request.body, bodyLimits(context))
  const named = records.map((record) => (isObject(record) ? { callId, ...record } : record))
  const { writes, faults } = await checkAll(turns, named)
  for (const { index, write } of writes) {
    if (write.set['callId'] !== callId) {
      const noted = { field: 'callId', rule: 'callId must be as in the path, or be left out.' }
      const message = `callId must be ${callId}, as in the path, or be left out.`
      faults.push({ index, field: 'callId', message, noted })
    }
  }
  if (faults.length > 0) throw refused(faults)
  return app.ingest.submit(accountId, {
    work: { kind: 'replaceTurns', callId, writes },
    faults: [],
    isDryRun: request.isDryRun,
    isAnnounced: true,
    idempotency: idempotencyOf(
      request.idempotencyKey,
      ['turns of', callId, String(request.isDryRun)],
      request.body.bytes,
    ),
  })
}
