import { requireScope, type Context } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { linkTo } from '../files/link.ts'
import { findRecording } from './findRecording.ts'
import { recordingFile } from './recording.ts'

const lifetimeMs = 3_600_000

/** A URL at which a call's recording can be fetched without sign-in, and its expiry. */
export interface RecordingLink {
  url: string
  /** `ogg`, `wav`, `mp3`, `webm`, `mp4` or `flac`. */
  format: string
  /** Duration of the recording, otherwise of the call; undefined when neither is known. */
  durationSeconds: number | undefined
  expiresAt: Date
}

/** Creates a link to the recording of a call, valid for an hour. Throws RESOURCE_NOT_FOUND when there is none. */
export async function recordingLink(context: Context, callId: string): Promise<RecordingLink> {
  requireScope(context, 'calls:read')
  const { ports } = context
  const found = await findRecording(context, callId)
  if (!found) {
    throw new AppError('RESOURCE_NOT_FOUND', `There is no recording of a call ${JSON.stringify(callId)}.`)
  }
  const { recording, call } = found
  const endsAt = ports.now() + lifetimeMs
  return {
    url: linkTo(context, { kind: 'recording', id: recording.id, index: 0, endsAt }, recordingFile(recording).name),
    format: recording.format,
    durationSeconds: recording.duration_seconds ?? call.durationSeconds,
    expiresAt: new Date(endsAt),
  }
}
