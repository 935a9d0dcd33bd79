import { requireScope, type Context } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { findRecording } from './findRecording.ts'
import { waveformKey } from './recording.ts'
import type { Waveform } from './waveform/peaks.ts'

/**
 * Reads the waveform of a call's recording. Throws RESOURCE_NOT_FOUND when there is no recording, or no waveform (yet).
 */
export async function getWaveform(context: Context, callId: string): Promise<Waveform> {
  requireScope(context, 'calls:read')
  const found = await findRecording(context, callId)
  if (!found) throw new AppError('RESOURCE_NOT_FOUND', `There is no recording of a call ${JSON.stringify(callId)}.`)
  const { recording } = found
  const file = await context.ports.files.read(waveformKey(recording.id))
  if (file) {
    const waveform: Waveform = JSON.parse(Buffer.concat(await file.content.toArray()).toString())
    // The client may have declared fewer channels than the file has.
    return { ...waveform, channels: waveform.channels.slice(0, recording.given_channels ?? undefined) }
  }
  const reason =
    recording.waveform === 'pending'
      ? 'It is being made; ask again in a moment.'
      : recording.duration_seconds === 0
        ? 'It holds no sound.'
        : `A recording of the format ${recording.format} as this one cannot be decoded here.`
  throw new AppError('RESOURCE_NOT_FOUND', `The recording has no waveform. ${reason}`)
}
