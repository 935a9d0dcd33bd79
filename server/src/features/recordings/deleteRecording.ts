import { requireScope, type Context } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { plainCommand, type Expiry } from '../../recordLog/command.ts'
import { recordAudit } from '../accounts/recordAudit.ts'
import { recordedCalls } from './recordedCall.ts'
import { expectRemoval, reconcileRecording } from './reconcileRecording.ts'

/**
 * Deletes the recording of a call, but not the call: its links end, and its bytes are deleted within a minute. Throws
 * RESOURCE_NOT_FOUND without a recording, CONFLICT under a legal hold.
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

/** Returns why the recording was not deleted: a hold was set, or another request deleted it first. */
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
