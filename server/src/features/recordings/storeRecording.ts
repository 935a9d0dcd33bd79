import { randomUUID } from 'node:crypto'
import type { Ports } from '../../ports.ts'
import { requireScope, type Context } from '../../context.ts'
import type { Values } from '../../domain/collections/collection.ts'
import { AppError } from '../../errors.ts'
import { reserveSpace, type SpaceReservation } from '../../store/files/disk.ts'
import { DamagedFileError, type StoredFile } from '../../store/files/files.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { UnknownMasterKeyError } from '../../store/secrets/secrets.ts'
import type { StoredRecord } from '../../recordLog/storedRecord.ts'
import { plainCommand, type CallChange } from '../../recordLog/command.ts'
import { declaredFormat, requireFormat, tellingBytes, type RecordingFormat } from './formats.ts'
import { pastTags } from './waveform/id3Tag.ts'
import { audioFacts, type AudioFacts } from './audioFacts.ts'
import { recordedCalls } from './recordedCall.ts'
import { recordingKey } from './recording.ts'
import { discardRecording, reconcileRecording } from './reconcileRecording.ts'

/** Longer than the longest upload; an upload that has not ended by then is abandoned. */
const uploadMs = 2 * 3_600_000

export interface RecordingUpload {
  callId: string
  contentType: string | undefined
  /** The audio as it arrives. An error at its end fails the upload, so nothing is visible before the end. */
  content: AsyncIterable<Uint8Array>
  /** The announced length in bytes; 0 if none was announced. */
  announcedBytes?: number
  /** Read from the file when not given. */
  durationSeconds: number | undefined
  channels: number | undefined
  /** Whether webhook endpoints receive an event about it. */
  isAnnounced: boolean
}

/**
 * Stores the encrypted recording of a call and replaces an earlier one; it is durable when the promise resolves.
 * Sending the same bytes again changes nothing. Throws RESOURCE_NOT_FOUND (unknown call), UNSUPPORTED_MEDIA_TYPE,
 * VALIDATION_ERROR (no bytes), CONFLICT (a legal hold keeps the earlier one), DISK_FULL.
 */
export async function storeRecording(
  context: Context,
  upload: RecordingUpload,
): Promise<{ callId: string; recordingId: string; bytes: number }> {
  requireScope(context, 'ingest:write')
  const { ports } = context
  const { callId, isAnnounced } = upload
  const declared = declaredFormat(upload.contentType)
  if (!(await recordedCalls(context, [callId])).has(callId)) throw noSuchCall(callId)
  const id = await beginUpload(context, callId, declared ?? unknownFormat)
  let format = declared ?? unknownFormat
  const audio = checkedAudio(upload.content, declared, (found) => (format = found))
  const stored = await keepBytes(context, id, audio, upload.announcedBytes ?? 0)
  const { durationSeconds, channels } = upload
  const given = { durationSeconds, channels }
  const said = await audioFacts(ports, recordingKey(id), format.contentType)
  await noteStored(context, id, stored, { format, given, said, isAnnounced })
  const recording = { id, callId, format: format.name, ...stored, given, said }
  const recordingId = await attachRecording(context, recording, isAnnounced)
  if (recordingId === id) await reconcileRecording(context, { id, callId })
  else await discardRecording(ports, id)
  return { callId, recordingId, bytes: stored.bytes }
}

/** The format before the bytes identify it. */
const unknownFormat: RecordingFormat = { name: 'unknown', contentType: 'application/octet-stream', aliases: [] }

function noSuchCall(callId: string): AppError {
  const name = JSON.stringify(callId.slice(0, 128))
  return new AppError('RESOURCE_NOT_FOUND', `There is no call ${name}; send the call before its recording.`)
}

/** The row is inserted before the file is written, so that the sweep finds the file of an interrupted upload. */
export async function beginUpload(context: Context, callId: string, format: RecordingFormat): Promise<string> {
  const { ports, accountId } = context
  const id = randomUUID()
  const now = ports.now()
  await ports.postgres.run(sql`
    INSERT INTO recordings (id, account_id, call_id, format, content_type, check_at, created_at)
    VALUES (
      ${id}, ${accountId}, ${callId}, ${format.name}, ${format.contentType}, ${new Date(now + uploadMs)}, ${new Date(now)}
    )`)
  return id
}

/** Reserves the announced bytes before the upload starts; a remote file store manages its own space. */
async function keepBytes(
  { ports }: Context,
  id: string,
  content: AsyncIterable<Uint8Array>,
  announcedBytes: number,
): Promise<StoredFile> {
  const { dataDirectory, minimumFreeBytes, files } = ports.config
  let reservation: SpaceReservation | undefined
  try {
    reservation = await reserveSpace(dataDirectory, files === '' ? minimumFreeBytes : 0, announcedBytes)
    return await ports.files.put(recordingKey(id), within(reservation, content))
  } catch (error) {
    await discardRecording(ports, id)
    throw error
  } finally {
    reservation?.release()
  }
}

async function* within(reservation: SpaceReservation, content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of content) {
    await reservation.wrote(piece.length)
    yield piece
  }
}

/**
 * Passes the audio on and checks that its first bytes, behind ID3 tags, match the declared format; `onFormat` receives
 * the detected format.
 */
async function* checkedAudio(
  content: AsyncIterable<Uint8Array>,
  declared: RecordingFormat | undefined,
  onFormat: (format: RecordingFormat) => void,
): AsyncGenerator<Uint8Array> {
  const tags = pastTags()
  const judge = (start: Buffer): void => onFormat(requireFormat(start, declared, { hasTag: tags.hasTag() }))
  let start: Buffer | undefined = Buffer.alloc(0)
  let bytes = 0
  for await (const piece of content) {
    bytes += piece.length
    if (start) start = Buffer.concat([start, tags.take(piece)])
    if (start && start.length >= tellingBytes) {
      judge(start)
      start = undefined
    }
    yield piece
  }
  if (bytes === 0) throw new AppError('VALIDATION_ERROR', 'The body is empty; send the bytes of the recording.')
  if (start) judge(Buffer.concat([start, tags.rest()]))
}

/** The properties of a recording after its bytes are stored. */
interface StoredAudio {
  format: RecordingFormat
  /** Values declared by the client, and values read from the file. */
  given: AudioFacts
  said: AudioFacts
  isAnnounced: boolean
}

/** Marks the bytes as durable; from here on the sweep asks the call whether the recording is current. */
export async function noteStored(
  { ports, accountId }: Context,
  id: string,
  { bytes, sha256 }: StoredFile,
  { format, given, said, isAnnounced }: StoredAudio,
): Promise<void> {
  const noted = await ports.postgres.run(sql`
    UPDATE recordings
    SET state = 'stored',
        bytes = ${bytes},
        sha256 = ${sha256},
        format = ${format.name},
        content_type = ${format.contentType},
        given_duration_seconds = ${given.durationSeconds ?? null},
        given_channels = ${given.channels ?? null},
        duration_seconds = ${given.durationSeconds ?? said.durationSeconds ?? null},
        channels = ${given.channels ?? said.channels ?? null},
        is_announced = ${isAnnounced},
        check_at = ${new Date(ports.now() + uploadMs)}
    WHERE account_id = ${accountId}
      AND id = ${id}
      AND state = 'uploading'`)
  if (noted > 0) return
  throw new AppError('UNAVAILABLE', 'The upload took too long and was given up; send it again.', {
    retryAfterSeconds: 1,
  })
}

/**
 * Makes it the call's recording in a commit of the account. Returns the recording that the call has afterwards: an
 * existing one if it has the same bytes, even if it arrived at the same moment; the declared values then apply to that
 * one.
 */
export async function attachRecording(
  context: Context,
  recording: {
    id: string
    callId: string
    format: string
    bytes: number
    sha256: string
    given: AudioFacts
    said: AudioFacts
  },
  isAnnounced: boolean,
): Promise<string> {
  const { ports, accountId } = context
  const { id, callId, format, bytes, sha256, given, said } = recording
  let attached = id
  async function decide(call: StoredRecord | undefined): Promise<Values | undefined> {
    const present = call?.values['recordingId']
    attached = typeof present === 'string' && (await hasBytes(context, present, sha256)) ? present : id
    if (attached !== id) return correctGiven(context, attached, given)
    return {
      recordingId: id,
      recordingFormat: format,
      recordingDurationSeconds: given.durationSeconds ?? said.durationSeconds ?? null,
      recordingBytes: bytes,
      recordingStoredAt: ports.now(),
    }
  }
  try {
    const work: CallChange = { kind: 'changeCall', callId, decide }
    await ports.recordLog.submit(accountId, plainCommand(work, { isAnnounced }))
    return attached
  } catch (error) {
    // After any other error it is unknown whether the call references the recording; the sweep decides.
    if (!(error instanceof AppError) || !['VALIDATION_ERROR', 'CONFLICT'].includes(error.code)) throw error
    await discardRecording(ports, id)
    throw error.code === 'CONFLICT' ? error : noSuchCall(callId)
  }
}

/** Applies the declared values to an existing recording; returns the call's values afterwards. */
async function correctGiven(
  { ports, accountId }: Context,
  id: string,
  { durationSeconds, channels }: AudioFacts,
): Promise<Values | undefined> {
  if (durationSeconds === undefined && channels === undefined) return undefined
  await ports.postgres.run(sql`
    UPDATE recordings
    SET given_duration_seconds = coalesce(${durationSeconds ?? null}, given_duration_seconds),
        duration_seconds = coalesce(${durationSeconds ?? null}, duration_seconds),
        given_channels = coalesce(${channels ?? null}, given_channels),
        channels = coalesce(${channels ?? null}, channels)
    WHERE account_id = ${accountId}
      AND id = ${id}`)
  return durationSeconds === undefined ? undefined : { recordingDurationSeconds: durationSeconds }
}

/** Returns whether a recording has these bytes and is readable; sending the bytes again repairs a damaged one. */
async function hasBytes({ ports, accountId }: Context, id: string, sha256: string): Promise<boolean> {
  const row = await ports.postgres.first(sql`
    SELECT 1
    FROM recordings
    WHERE account_id = ${accountId}
      AND id = ${id}
      AND state = 'stored'
      AND sha256 = ${sha256}`)
  return row !== undefined && (await isReadable(ports, id))
}

async function isReadable(ports: Ports, id: string): Promise<boolean> {
  try {
    return (await ports.files.size(recordingKey(id))) !== undefined
  } catch (error) {
    if (error instanceof DamagedFileError || error instanceof UnknownMasterKeyError) return false
    throw error
  }
}
