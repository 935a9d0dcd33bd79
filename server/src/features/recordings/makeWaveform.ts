import { Readable } from 'node:stream'
import { z } from 'zod'
import type { Ports } from '../../ports.ts'
import type { Values } from '../../domain/collections/collection.ts'
import { AppError } from '../../errors.ts'
import type { HeldJob } from '../../store/jobs/jobs.ts'
import { sql } from '../../store/postgres/postgres.ts'
import type { StoredRecord } from '../../recordLog/storedRecord.ts'
import { plainCommand, type CallChange } from '../../recordLog/command.ts'
import { recordingKey, waveformKey, type RecordingRow } from './recording.ts'
import { waveformJob } from './reconcileRecording.ts'
import { decodeWaveform } from './waveform/decodeWaveform.ts'
import { moovFirst } from './waveform/moovFirst.ts'
import type { Waveform } from './waveform/peaks.ts'

const jobInput = z.object({ recordingId: z.uuid() })
/** Delay before a waveform is tried again after an outage that outlasted its job. */
const laterMs = 300_000

/**
 * The waveform job: decodes the recording once and stores its encrypted peaks. The decoded duration replaces the one
 * that the file declares, unless the client declared one. A recording that cannot be decoded has no waveform.
 */
export async function makeWaveform(ports: Ports, job: HeldJob): Promise<void> {
  const { recordingId } = jobInput.parse(job.input)
  const recording = await ports.postgres.first<RecordingRow>(sql`
    SELECT *
    FROM recordings
    WHERE account_id = ${job.accountId}
      AND id = ${recordingId}
      AND state = 'stored'
      AND waveform = 'pending'`)
  const file = recording && (await ports.files.read(recordingKey(recordingId)))
  if (!recording || !file) return
  const content = recording.format === 'mp4' ? moovFirst(file, partsOf(ports, recordingId)) : file.content
  const waveform = await decodeWaveform(recording.format, content, job.signal).finally(() => file.content.destroy())
  job.signal.throwIfAborted()
  if (waveform && waveform.channels.length > 0) {
    await ports.files.put(waveformKey(recordingId), Readable.from([Buffer.from(JSON.stringify(waveform))]), job.signal)
  }
  if (waveform && recording.given_duration_seconds === null) await noteDuration(ports, recording, waveform)
  // This comes last, because the job is repeated only while the recording is marked as waiting for its waveform.
  await noteWaveform(ports, job.accountId, recordingId, waveform)
}

/** Returns a function that reads parts of a stored recording. */
function partsOf(ports: Ports, recordingId: string): (start: number, bytes: number) => Promise<Buffer> {
  return async (start, bytes) => {
    const part = await ports.files.read(recordingKey(recordingId), { start, end: start + bytes - 1 })
    if (!part) throw new Error('The recording is gone.')
    return Buffer.concat(await part.content.toArray())
  }
}

/**
 * Ends a job whose every attempt failed: the recording has no waveform. If a store was unavailable or full, the
 * waveform is made later instead, however long the outage lasts.
 */
export async function giveWaveformUp(ports: Ports, { accountId, input }: HeldJob, error: unknown): Promise<void> {
  const { recordingId } = jobInput.parse(input)
  const isPassing = error instanceof AppError && (error.code === 'UNAVAILABLE' || error.code === 'DISK_FULL')
  if (!isPassing) return noteWaveform(ports, accountId, recordingId, undefined)
  const later = { kind: waveformJob, accountId, input: { recordingId }, runAt: ports.now() + laterMs }
  await ports.postgres.transaction((tx) => ports.jobs.enqueue(tx, later))
}

async function noteWaveform(
  ports: Ports,
  accountId: number,
  id: string,
  waveform: Waveform | undefined,
): Promise<void> {
  const channels = waveform?.channels.length ?? 0
  const noted = await ports.postgres.run(sql`
    UPDATE recordings
    SET waveform = ${channels > 0 ? 'made' : 'none'},
        duration_seconds = coalesce(given_duration_seconds, ${waveform?.durationSeconds ?? null}, duration_seconds),
        channels = coalesce(given_channels, ${channels || null}, channels)
    WHERE account_id = ${accountId}
      AND id = ${id}`)
  // The recording was deleted while its waveform was made.
  if (noted === 0) await ports.files.remove(waveformKey(id))
}

/** Updates the call in a commit of its account; a duration that a client declared meanwhile takes precedence. */
async function noteDuration(ports: Ports, recording: RecordingRow, { durationSeconds }: Waveform): Promise<void> {
  async function decide(call: StoredRecord | undefined): Promise<Values | undefined> {
    if (!call || call.removed || call.values['recordingId'] !== recording.id) return undefined
    const given = await ports.postgres.first(sql`
      SELECT 1
      FROM recordings
      WHERE account_id = ${recording.account_id}
        AND id = ${recording.id}
        AND given_duration_seconds IS NOT NULL`)
    return given ? undefined : { recordingDurationSeconds: durationSeconds }
  }
  const work: CallChange = { kind: 'changeCall', callId: recording.call_id, decide }
  await ports.recordLog.submit(recording.account_id, plainCommand(work, { isAnnounced: recording.is_announced }))
}
