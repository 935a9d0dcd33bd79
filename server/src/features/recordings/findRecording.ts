import type { Context } from '../../context.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { recordedCalls, type RecordedCall } from './recordedCall.ts'
import type { RecordingRow } from './recording.ts'

/** Returns the current recording of a call; undefined when the call does not exist or has none. */
export async function findRecording(
  context: Context,
  callId: string,
): Promise<{ recording: RecordingRow; call: RecordedCall } | undefined> {
  const call = (await recordedCalls(context, [callId])).get(callId)
  if (call?.recordingId === undefined) return undefined
  const recording = await context.ports.postgres.first<RecordingRow>(sql`
    SELECT *
    FROM recordings
    WHERE account_id = ${context.accountId}
      AND id = ${call.recordingId}
      AND state = 'stored'`)
  return recording && { recording, call }
}
