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

/** Longer than the longest upload: what has not come to its end by then never will. */
const uploadMs = 2 * 3_600_000

export interface RecordingUpload {
  callId: string
  contentType: string | undefined
  /** The audio as it arrives; what it throws at its end counts, so nothing is visible before. */
  content: AsyncIterable<Uint8Array>
  /** How long it said that it is; 0 when it did not. */
  announcedBytes?: number
  /** Read from the file when they are not given. */
  durationSeconds: number | undefined
  channels: number | undefined
  /** Whether endpoints are told that the call has it. */
  isAnnounced: boolean
}

/**
 * Stores the recording of a call, encrypted, in the place of an earlier one; durable when the promise resolves. The
 * same bytes again change nothing. Throws RESOURCE_NOT_FOUND (unknown call), UNSUPPORTED_MEDIA_TYPE, VALIDATION_ERROR
 * (no bytes), CONFLICT (a legal hold keeps the earlier one), DISK_FULL.
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

/** Until the bytes have told. */
const unknownFormat: RecordingFormat = { name: 'unknown', contentType: 'application/octet-stream', aliases: [] }

function noSuchCall(callId: string): AppError {
  const name = JSON.stringify(callId.slice(0, 128))
  return new AppError('RESOURCE_NOT_FOUND', `There is no call ${name}; send the call before its recording.`)
}

/** The row comes before the file, so that a file whose upload broke off is known. */
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

/** The audio, whose first bytes, behind its tags, must be what the sender says they are; `tell` hears what they are. */
async function* checkedAudio(
  content: AsyncIterable<Uint8Array>,
  declared: RecordingFormat | undefined,
  tell: (format: RecordingFormat) => void,
): AsyncGenerator<Uint8Array> {
  const tags = pastTags()
  const judge = (start: Buffer): void => tell(requireFormat(start, declared, { hasTag: tags.hasTag() }))
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

/** What is known of a recording when its bytes are stored. */
interface StoredAudio {
  format: RecordingFormat
  /** By its sender, and by the file itself. */
  given: AudioFacts
  said: AudioFacts
  isAnnounced: boolean
}

/** The bytes are durable; from here on the sweep finds the call's word on whether it has them. */
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
 * Makes it the call's recording, in the account's turn: a change of the call like any other. Gives the recording that
 * the call has then, which is an earlier one when that has the same bytes: also one that came at the same moment. What
 * is given of it counts for that one, too.
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
    // Any other failure leaves open whether the call has it now: the sweep will see.
    if (!(error instanceof AppError) || !['VALIDATION_ERROR', 'CONFLICT'].includes(error.code)) throw error
    await discardRecording(ports, id)
    throw error.code === 'CONFLICT' ? error : noSuchCall(callId)
  }
}

/** Lets what was given count for a recording that is there; gives what its call says of it then. */
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

/** Whether a recording has these bytes and can be read: one that was damaged is mended by sending it again. */
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
