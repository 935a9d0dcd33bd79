import { requireScope, type Context } from '../../context.ts'
import { checkRecord, type FieldFault, type Write } from '../../domain/checkRecord.ts'
import { turns } from '../../domain/collections/parts.ts'
import { isObject } from '../../domain/readValue.ts'
import { checkBody } from './checkBody.ts'
import type { IngestBody } from './inflateBody.ts'
import { idempotencyOf } from './ingestRecords.ts'
import { RecordFaults } from '../../recordLog/recordFaults.ts'
import type { IngestCounts } from '../../recordLog/command.ts'

/**
 * Replaces all turns of the call with those of the body (interim by final). The body may restore turns that an earlier
 * replacement removed; `callId` is optional, because the path names the call.
 */
export async function replaceTurns(
  context: Context,
  request: { callId: string; body: IngestBody; isDryRun: boolean; idempotencyKey: string | undefined },
): Promise<IngestCounts> {
  requireScope(context, 'ingest:write')
  const { ports, accountId } = context
  const { callId } = request
  const check = (record: unknown) => checkTurn(callId, record)
  const { writes, faults } = await checkBody(context, turns, request.body, { skipsFaults: false, check })
  if (faults.records > 0) throw faults.refusal()
  return ports.recordLog.submit(accountId, {
    work: { kind: 'replaceTurns', callId, writes },
    faults: new RecordFaults(),
    isDryRun: request.isDryRun,
    isAnnounced: true,
    idempotency: await idempotencyOf(
      request.idempotencyKey,
      ['turns of', callId, String(request.isDryRun)],
      request.body.bytes,
    ),
  })
}

function checkTurn(callId: string, record: unknown): Write | FieldFault[] {
  const checked = checkRecord(turns, isObject(record) ? { callId, ...record } : record)
  if (Array.isArray(checked) || checked.set['callId'] === callId) return checked
  const noted = { field: 'callId', rule: 'callId must be as in the path, or be left out.' }
  return [{ field: 'callId', message: `callId must be ${callId}, as in the path, or be left out.`, noted }]
}
