import { requireScope, type Context } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { plainCommand, type Expiry } from '../../recordLog/command.ts'
import { recordAudit } from '../accounts/recordAudit.ts'
import { recordedCalls } from './recordedCall.ts'
import { expectRemoval, reconcileRecording } from './reconcileRecording.ts'

/**
 * Deletes the recording of a call, which stays: links to it end, its bytes go within a minute. Throws RESOURCE_NOT_FOUND
 * when there is none, CONFLICT when a legal hold keeps it.
 */
export async function deleteRecording(context: Context, callId: string): Promise<void> {
  requireScope(context, 'ingest:write')
  const { ports, accountId } = context
  const call = (await recordedCalls(context, [callId])).get(callId)
  if (call?.recordingId === undefined) throw noRecording(callId)
  const recordingIds = new Set([call.recordingId])
  await expectRemoval(context, recordingIds)
  const work: Expiry = { kind: 'expire', what: 'recordings', callIds: [callId], records: 1, recordingIds }
  const { deleted } = await ports.recordLog.submit(accountId, plainCommand(work))
  await reconcileRecording(context, { id: call.recordingId, callId })
  if (deleted === 0) throw await refusal(context, callId)
  await recordAudit(ports.postgres, context, {
    action: 'recording.deleted',
    subject: `call:${callId}`,
    details: { recordingId: call.recordingId },
  })
}

/** Why it was left: a hold that was set, or another who was faster. */
async function refusal(context: Context, callId: string): Promise<AppError> {
  const call = (await recordedCalls(context, [callId])).get(callId)
  if (!call?.legalHold) return noRecording(callId)
  return new AppError(
    'CONFLICT',
    `The call ${callId} is under a legal hold: its recording cannot be deleted until the hold is released.`,
    { rule: 'The call is under a legal hold: its recording cannot be deleted until the hold is released.' },
  )
}

function noRecording(callId: string): AppError {
  return new AppError('RESOURCE_NOT_FOUND', `There is no recording of a call ${JSON.stringify(callId.slice(0, 128))}.`)
}
