import { AppError } from '../../errors.ts'
import { S3Refusal } from './s3Refusal.ts'
import { isMissing, type S3 } from './s3.ts'
import { headerOf, readRange, type RetryTimes } from './s3Objects.ts'
import { elementsOf, textOf } from './s3Xml.ts'

/** Two parts are in memory at a time: one is sent while the next is filled. */
const partBytes = 8 * 1024 * 1024
/** The maximum number of parts of an object; 78 GiB together. */
const maxParts = 10_000

/**
 * The pattern of our file names, because a bucket without a folder may contain uploads of other programs.
 */
const ownName = /^(exports|recordings\/..|waveforms\/..)\/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/

/** A started upload that may have to be aborted. */
interface Unfinished {
  /** The object's name below the prefix. */
  name: string
  uploadId: string
}

/** What an upload needs; `unfinished` lists the uploads that could not be aborted at once. */
export interface Uploading {
  s3: S3
  retryTimes: RetryTimes
  unfinished: Set<Unfinished>
}

/**
 * Stores an object and replaces an earlier one; it becomes visible when it is complete, and a failed upload leaves
 * nothing. The first piece must be unique to this object, because it identifies the object in the store.
 */
export async function uploadObject(
  uploading: Uploading,
  name: string,
  content: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<void> {
  const cancel = new AbortController()
  const sent = { ...uploading, name, signal: signal ? AbortSignal.any([signal, cancel.signal]) : cancel.signal }
  let upload: Unfinished | undefined
  let sending = Promise.resolve()
  const etags: string[] = []
  let first: Uint8Array | undefined
  try {
    for await (const { pieces, last } of inParts(content)) {
      first ??= pieces[0]
      await sending
      signal?.throwIfAborted()
      if (etags.length === maxParts) throw new AppError('PAYLOAD_TOO_LARGE', 'A file in S3 has 78 GiB at most.')
      if (last && upload === undefined) return await putWhole(sent, pieces)
      upload ??= await beginUpload(sent)
      sending = sendPart(sent, { uploadId: upload.uploadId, pieces, etags, number: etags.length + 1 })
      // The upload of the part may fail before it is awaited.
      sending.catch(() => {})
    }
    await sending
    signal?.throwIfAborted()
    if (upload && first) await finishUpload(sent, upload.uploadId, { etags, first })
  } catch (error) {
    cancel.abort()
    await sending.catch(() => {})
    if (upload) await abandonUpload(uploading, upload)
    // The store has lost the upload; a new upload can succeed.
    throw error instanceof S3Refusal ? uploading.s3.unavailable(error) : error
  }
}

type Sent = Uploading & { name: string; signal: AbortSignal }

async function putWhole({ s3, retryTimes, name, signal }: Sent, body: Uint8Array[]): Promise<void> {
  await s3.send({ method: 'PUT', name, body, signal, retryForMs: retryTimes.writeMs })
}

async function beginUpload({ s3, retryTimes, name, signal }: Sent): Promise<Unfinished> {
  const asked = { method: 'POST', name, query: { uploads: '' }, signal, retryForMs: retryTimes.writeMs } as const
  const { text } = await s3.send(asked)
  return { name, uploadId: textOf(text, 'UploadId') }
}

async function sendPart(
  { s3, retryTimes, name, signal }: Sent,
  part: { uploadId: string; number: number; pieces: Uint8Array[]; etags: string[] },
): Promise<void> {
  const query = { partNumber: String(part.number), uploadId: part.uploadId }
  const body = part.pieces
  part.etags.push(
    headerOf(await s3.send({ method: 'PUT', name, query, body, signal, retryForMs: retryTimes.writeMs }), 'etag'),
  )
}

async function finishUpload(
  { s3, retryTimes, name, signal }: Sent,
  uploadId: string,
  { etags, first }: { etags: string[]; first: Uint8Array },
): Promise<void> {
  const parts = etags.map((etag, index) => `<Part><PartNumber>${index + 1}</PartNumber><ETag>${etag}</ETag></Part>`)
  const body = [Buffer.from(`<CompleteMultipartUpload>${parts.join('')}</CompleteMultipartUpload>`)]
  const query = { uploadId }
  try {
    await s3.send({ method: 'POST', name, query, body, signal, retryForMs: retryTimes.writeMs })
  } catch (error) {
    // An earlier try may have completed the upload although its answer was lost.
    if (!(error instanceof S3Refusal) || error.code !== 'NoSuchUpload') throw error
    const found = await readRange(s3, name, { start: 0, end: first.length - 1 }, retryTimes)
    if (found === undefined || found === 'changed' || !found.bytes.equals(first)) throw error
  }
}

/** Aborts an upload now, or leaves that to the next sweep. */
async function abandonUpload({ s3, retryTimes, unfinished }: Uploading, upload: Unfinished): Promise<void> {
  unfinished.add(upload)
  try {
    await removeUpload(s3, upload, retryTimes)
    unfinished.delete(upload)
  } catch {
    // The store is unreachable; the caller throws the original failure.
  }
}

async function removeUpload(s3: S3, { name, uploadId }: Unfinished, retryTimes: RetryTimes): Promise<void> {
  try {
    await s3.send({ method: 'DELETE', name, query: { uploadId }, retryForMs: retryTimes.readMs })
  } catch (error) {
    if (!isMissing(error)) throw error
  }
}

/** Aborts the failed uploads of this process, and those of dead processes that started before `before`. */
export async function sweepUploads({ s3, retryTimes, unfinished }: Uploading, before: number): Promise<void> {
  for (const upload of unfinished) {
    await removeUpload(s3, upload, retryTimes)
    unfinished.delete(upload)
  }
  for await (const { startedAt, ...upload } of listUploads(s3, retryTimes)) {
    if (startedAt < before && ownName.test(upload.name)) await removeUpload(s3, upload, retryTimes)
  }
}

async function* listUploads(s3: S3, retryTimes: RetryTimes): AsyncGenerator<Unfinished & { startedAt: number }> {
  const { prefix } = s3.location
  let markers: Record<string, string> | undefined = {}
  while (markers) {
    const query = { uploads: '', prefix, ...markers }
    const { text } = await s3.send({ method: 'GET', query, retryForMs: retryTimes.readMs })
    for (const entry of elementsOf(text, 'Upload')) {
      const name = textOf(entry, 'Key').slice(prefix.length)
      yield { name, uploadId: textOf(entry, 'UploadId'), startedAt: Date.parse(textOf(entry, 'Initiated')) }
    }
    const isMore = textOf(text, 'IsTruncated') === 'true'
    const next = { 'key-marker': textOf(text, 'NextKeyMarker'), 'upload-id-marker': textOf(text, 'NextUploadIdMarker') }
    markers = isMore ? next : undefined
  }
}

/**
 * Cuts a stream into parts of equal size, which some stores require. Only the last part may be shorter, and there is
 * always a last one.
 */
async function* inParts(content: AsyncIterable<Uint8Array>): AsyncGenerator<{ pieces: Uint8Array[]; last: boolean }> {
  let pieces: Uint8Array[] = []
  let room = partBytes
  for await (const piece of content) {
    for (let consumed = 0; consumed < piece.length;) {
      // Keep a full part until the next byte arrives, which shows that the part is not the last.
      if (room === 0) {
        yield { pieces, last: false }
        pieces = []
        room = partBytes
      }
      const part = piece.subarray(consumed, consumed + room)
      pieces.push(part)
      room -= part.length
      consumed += part.length
    }
  }
  yield { pieces, last: true }
}
