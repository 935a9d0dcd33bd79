import { randomUUID } from 'node:crypto'
import { requireScope, type Context } from '../../context.ts'
import type { Values } from '../../domain/collections/collection.ts'
import { AppError } from '../../errors.ts'
import { requireFreeSpace } from '../../store/files/disk.ts'
import type { StoredFile } from '../../store/files/files.ts'
import { sql } from '../../store/postgres/postgres.ts'
import type { StoredRecord } from '../../recordLog/storedRecord.ts'
import { plainCommand, type CallChange } from '../../recordLog/command.ts'
import { declaredFormat, requireFormat, tellingBytes, type RecordingFormat } from './formats.ts'
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
  /** Read from the file when they are not given. */
  durationSeconds: number | undefined
  channels: number | undefined
  /** Whether endpoints are told that the call has it. */
  isAnnounced: boolean
}

/**
 * Stores the recording of a call, encrypted, in the place of an earlier one; durable when the promise resolves. The same
 * bytes again change nothing. Throws RESOURCE_NOT_FOUND (unknown call), UNSUPPORTED_MEDIA_TYPE, VALIDATION_ERROR (no bytes),
 * CONFLICT (a legal hold keeps the earlier one), DISK_FULL.
 */
export async function storeRecording(
  context: Context,
  upload: RecordingUpload,
): Promise<{ callId: string; recordingId: string; bytes: number }> {
  requireScope(context, 'ingest:write')
  const { app } = context
  const { callId, isAnnounced } = upload
  const format = declaredFormat(upload.contentType)
  await requireFreeSpace(app.config.dataDirectory, app.config.minimumFreeBytes)
  if (!(await recordedCalls(context, [callId])).has(callId)) throw noSuchCall(callId)
  const id = await beginUpload(context, callId, format)
  const stored = await keepBytes(context, id, checkedAudio(upload.content, format))
  const facts = await factsOf(context, id, format, upload)
  await noteStored(context, id, stored, facts)
  const recording = { id, callId, format: format.name, ...stored, durationSeconds: facts.durationSeconds }
  const recordingId = await attachRecording(context, recording, isAnnounced)
  if (recordingId === id) await reconcileRecording(context, { id, callId })
  else await discardRecording(app, id)
  return { callId, recordingId, bytes: stored.bytes }
}

function noSuchCall(callId: string): AppError {
  const name = JSON.stringify(callId.slice(0, 128))
  return new AppError('RESOURCE_NOT_FOUND', `There is no call ${name}; send the call before its recording.`)
}

/** The row comes before the file, so that a file whose upload broke off is known. */
export async function beginUpload(context: Context, callId: string, format: RecordingFormat): Promise<string> {
  const { app, accountId } = context
  const id = randomUUID()
  const now = app.now()
  await app.postgres.run(sql`
    INSERT INTO recordings (id, account_id, call_id, format, content_type, check_at, created_at)
    VALUES (
      ${id}, ${accountId}, ${callId}, ${format.name}, ${format.contentType}, ${new Date(now + uploadMs)}, ${new Date(now)}
    )`)
  return id
}

async function keepBytes(context: Context, id: string, content: AsyncIterable<Uint8Array>): Promise<StoredFile> {
  try {
    return await context.app.files.put(recordingKey(id), content)
  } catch (error) {
    await discardRecording(context.app, id)
    throw error
  }
}

/** The audio, whose first bytes must be what the sender says they are. */
async function* checkedAudio(content: AsyncIterable<Uint8Array>, format: RecordingFormat): AsyncGenerator<Uint8Array> {
  let start: Buffer | undefined = Buffer.alloc(0)
  for await (const piece of content) {
    if (start === undefined) {
      yield piece
      continue
    }
    start = Buffer.concat([start, piece])
    if (start.length < tellingBytes) continue
    requireFormat(start, format)
    yield start
    start = undefined
  }
  if (start === undefined) return
  if (start.length === 0) {
    throw new AppError('VALIDATION_ERROR', 'The body is empty; send the bytes of the recording.')
  }
  requireFormat(start, format)
  yield start
}

async function factsOf(
  { app }: Context,
  id: string,
  format: RecordingFormat,
  given: Pick<RecordingUpload, 'durationSeconds' | 'channels'>,
): Promise<AudioFacts> {
  const { durationSeconds, channels } = given
  if (durationSeconds !== undefined && channels !== undefined) return { durationSeconds, channels }
  const found = await audioFacts(app, recordingKey(id), format.contentType)
  return { durationSeconds: durationSeconds ?? found.durationSeconds, channels: channels ?? found.channels }
}

/** The bytes are durable; from here on the sweep finds the call's word on whether it has them. */
export async function noteStored(
  { app, accountId }: Context,
  id: string,
  { bytes, sha256 }: StoredFile,
  { durationSeconds, channels }: AudioFacts,
): Promise<void> {
  const noted = await app.postgres.run(sql`
    UPDATE recordings
    SET state = 'stored',
        bytes = ${bytes},
        sha256 = ${sha256},
        duration_seconds = ${durationSeconds ?? null},
        channels = ${channels ?? null},
        check_at = ${new Date(app.now() + uploadMs)}
    WHERE account_id = ${accountId}
      AND id = ${id}
      AND state = 'uploading'`)
  if (noted > 0) return
  throw new AppError('UNAVAILABLE', 'The upload took too long and was given up; send it again.', {
    retryAfterSeconds: 1,
  })
}

/**
 * Makes it the call's recording, in the account's turn: a change of the call like any other. Gives the recording that the
 * call has then, which is an earlier one when that has the same bytes: also one that came at the same moment.
 */
export async function attachRecording(
  context: Context,
  recording: {
    id: string
    callId: string
    format: string
    bytes: number
    sha256: string
    durationSeconds: number | undefined
  },
  isAnnounced: boolean,
): Promise<string> {
  const { app, accountId } = context
  const { id, callId, format, bytes, sha256, durationSeconds } = recording
  let attached = id
  async function decide(call: StoredRecord | undefined): Promise<Values | undefined> {
    const present = call?.values['recordingId']
    attached = typeof present === 'string' && (await hasBytes(context, present, sha256)) ? present : id
    if (attached !== id) return undefined
    return {
      recordingId: id,
      recordingFormat: format,
      recordingDurationSeconds: durationSeconds ?? null,
      recordingBytes: bytes,
      recordingStoredAt: app.now(),
    }
  }
  try {
    const work: CallChange = { kind: 'changeCall', callId, decide }
    await app.recordLog.submit(accountId, plainCommand(work, { isAnnounced }))
    return attached
  } catch (error) {
    // Any other failure leaves open whether the call has it now: the sweep will see.
    if (!(error instanceof AppError) || !['VALIDATION_ERROR', 'CONFLICT'].includes(error.code)) throw error
    await discardRecording(app, id)
    throw error.code === 'CONFLICT' ? error : noSuchCall(callId)
  }
}

async function hasBytes({ app, accountId }: Context, id: string, sha256: string): Promise<boolean> {
  const row = await app.postgres.first(sql`
    SELECT 1
    FROM recordings
    WHERE account_id = ${accountId}
      AND id = ${id}
      AND state = 'stored'
      AND sha256 = ${sha256}`)
  return row !== undefined
}
