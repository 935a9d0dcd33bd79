import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import type { Logger } from 'pino'
import { AppError } from '../../errors.ts'
import {
  headerBytesLimit,
  layoutOf,
  neededKeyId,
  newFileCipher,
  readFileCipher,
  rewrapping,
  type FileCipher,
  type FileLayout,
} from './fileEncryption.ts'
import { abandonedAfterMs, checkedKey, inChunks, isFileKey, type Files } from './files.ts'
import { openS3, whileServing } from '../s3/s3.ts'
import type { S3Location } from '../s3/s3Location.ts'
import { checkS3 } from '../s3/s3Check.ts'
import {
  bytesOf,
  listObjects,
  openRange,
  readEtag,
  readRange,
  removeObject,
  type OpenedRange,
  type RetryTimes,
} from '../s3/s3Objects.ts'
import { sweepUploads, uploadObject, type Uploading } from '../s3/s3Upload.ts'
import type { Secrets } from '../secrets/secrets.ts'

/**
 * A reader gets an error soon; a writer waits for a short outage, because its work would be lost. Jobs wait out
 * long ones.
 */
const usualRetryTimes: RetryTimes = { readMs: 5_000, writeMs: 20_000 }
/** The first read of a file: its header, and the whole content of a small file. */
const firstBytes = 68 * 1024
const maxOpened = 500

/** Cached facts about an opened object, so that a range takes one request. */
interface OpenedFile {
  etag: string
  cipher: FileCipher
  layout: FileLayout
}

export interface S3FilesOptions {
  location: S3Location
  accessKey: string
  secretKey: string
  secrets: Secrets
  log: Pick<Logger, 'warn'>
  retryTimes?: RetryTimes
}

/**
 * Opens the files in a bucket, one object per file in the format of the disk. A store that refuses requests stops the
 * start (BAD_REQUEST); an unreachable one does not, because everything except files works without it.
 */
export async function openS3Files({
  location,
  accessKey,
  secretKey,
  secrets,
  log,
  ...more
}: S3FilesOptions): Promise<Files> {
  const { retryTimes = usualRetryTimes } = more
  const store = openS3(location, { accessKey, secretKey, log })
  const s3 = whileServing(store)
  const uploading: Uploading = { s3, retryTimes, unfinished: new Set() }
  const known = new Map<string, OpenedFile>()
  await checkS3(store, retryTimes).catch((error: unknown) => {
    if (!(error instanceof AppError) || error.code !== 'UNAVAILABLE') throw error
  })

  /** Reads the header and authenticates the last chunk, so that the size is verified before anything is sent. */
  async function openFile(key: string): Promise<OpenedFile | undefined> {
    const start = await readRange(s3, checkedKey(key), { start: 0, end: firstBytes - 1 }, retryTimes)
    if (start === undefined || start === 'changed') return undefined
    const { etag, totalBytes } = start
    const cipher = readFileCipher(secrets, key, start.bytes.subarray(0, headerBytesLimit))
    const layout = layoutOf(cipher, totalBytes)
    const from = positionOf({ cipher, layout }, layout.chunks - 1)
    const isWhole = totalBytes === start.bytes.length
    const last = isWhole ? start : await readRange(s3, key, { start: from, etag }, retryTimes)
    if (last === undefined) return undefined
    if (last === 'changed') return openFile(key)
    cipher.open(isWhole ? last.bytes.subarray(from) : last.bytes, layout.chunks - 1, true)
    return remember(key, { etag, cipher, layout })
  }

  function remember(key: string, file: OpenedFile): OpenedFile {
    known.delete(key)
    known.set(key, file)
    const [oldest] = known.keys()
    if (known.size > maxOpened && oldest !== undefined) known.delete(oldest)
    return file
  }

  const files: Files = {
    async put(key, content, signal) {
      const cipher = newFileCipher(secrets, checkedKey(key))
      const hash = createHash('sha256')
      let bytes = 0
      async function* sealed(): AsyncGenerator<Uint8Array> {
        yield cipher.header
        let position = 0
        for await (const chunk of inChunks(content, cipher.chunkBytes)) {
          signal?.throwIfAborted()
          hash.update(chunk.bytes)
          bytes += chunk.bytes.length
          yield cipher.seal(chunk.bytes, position++, chunk.last)
        }
      }
      await uploadObject(uploading, key, sealed(), signal)
      // The master key may have been rotated during the upload, and the older key may be dropped soon.
      if (!secrets.isCurrent(cipher.wrapped)) await files.rewrap(key)
      return { bytes, sha256: hash.digest('hex') }
    },
    async read(key, range) {
      const start = range?.start ?? 0
      for (;;) {
        const file = known.get(key) ?? (await openFile(key))
        if (!file) return undefined
        const { plainBytes } = file.layout
        const end = Math.min(range?.end ?? Infinity, plainBytes - 1)
        const content = start > end ? await nothingOf(key, file) : await openContent(key, file, { start, end })
        if (content === undefined) known.delete(key)
        if (content !== 'changed') return content && { bytes: plainBytes, content }
        known.delete(key)
      }
    },
    async size(key) {
      const file = known.get(checkedKey(key))
      const isSame = file && file.etag === (await readEtag(s3, key, retryTimes))
      return isSame ? file.layout.plainBytes : (await openFile(key))?.layout.plainBytes
    },
    async remove(key) {
      known.delete(key)
      await removeObject(s3, checkedKey(key), retryTimes)
    },
    async rewrap(key) {
      const found = await readRange(s3, checkedKey(key), { start: 0, end: headerBytesLimit - 1 }, retryTimes)
      if (found === undefined || found === 'changed') return false
      const steps = rewrapping(secrets, found.bytes)
      if (steps?.length === 0) return false
      if (steps === undefined) {
        const file = await files.read(key)
        if (file) await files.put(key, file.content)
        return file !== undefined
      }
      for (const { position, bytes } of steps) bytes.copy(found.bytes, position)
      await uploadObject(uploading, key, withStart(key, found), undefined)
      return true
    },
    async masterKeyIdOf(key) {
      const found = await readRange(s3, checkedKey(key), { start: 0, end: headerBytesLimit - 1 }, retryTimes)
      return found === undefined || found === 'changed' ? undefined : neededKeyId(secrets, found.bytes)
    },
    async *list(prefix) {
      for await (const name of listObjects(s3, prefix, retryTimes)) if (isFileKey(name)) yield name
    },
    sweep: () => sweepUploads(uploading, Date.now() - abandonedAfterMs),
  }
  return files

  async function nothingOf(key: string, file: OpenedFile): Promise<Readable | 'changed' | undefined> {
    const etag = await readEtag(s3, key, retryTimes)
    if (etag === undefined) return undefined
    return etag === file.etag ? Readable.from([]) : 'changed'
  }

  /** Requests the bytes at once, so that an outage of the store is known before anything is sent. */
  async function openContent(
    key: string,
    file: OpenedFile,
    plain: { start: number; end: number },
  ): Promise<Readable | 'changed' | undefined> {
    const { cipher, layout } = file
    const abort = new AbortController()
    const about = { retryTimes, signal: abort.signal }
    const last = Math.floor(plain.end / cipher.chunkBytes)
    const start = positionOf(file, Math.floor(plain.start / cipher.chunkBytes))
    const end = last === layout.chunks - 1 ? storedBytes(file) - 1 : positionOf(file, last + 1) - 1
    const opened = await openRange(s3, key, { start, end, etag: file.etag }, about)
    if (opened === undefined || opened === 'changed') return opened
    const sealed = bytesOf(s3, key, { opened, start, end }, about)
    return readableOf(decrypted(sealed, file, plain), () => {
      abort.abort()
      opened.stream.body.destroy()
    })
  }

  /** The whole object with a replaced start. */
  async function* withStart(
    key: string,
    { bytes, etag, totalBytes }: { bytes: Buffer; etag: string; totalBytes: number },
  ): AsyncGenerator<Uint8Array> {
    yield bytes
    if (bytes.length === totalBytes) return
    const about = { retryTimes }
    const opened: OpenedRange | 'changed' | undefined = await openRange(s3, key, { start: bytes.length, etag }, about)
    if (opened === undefined || opened === 'changed') throw new Error('The file was removed or replaced meanwhile.')
    yield* bytesOf(s3, key, { opened, start: bytes.length, end: totalBytes - 1 }, about)
  }
}

/** The byte position of a chunk in the object. */
function positionOf({ cipher, layout }: Pick<OpenedFile, 'cipher' | 'layout'>, chunk: number): number {
  return cipher.header.length + chunk * layout.sealedChunkBytes
}

function storedBytes(file: OpenedFile): number {
  const { sealedChunkBytes, chunks, plainBytes } = file.layout
  return file.cipher.header.length + plainBytes + chunks * (sealedChunkBytes - file.cipher.chunkBytes)
}

/** The plain bytes `start` to `end` of the file, decrypted from its chunks. */
async function* decrypted(
  sealed: AsyncIterable<Uint8Array>,
  { cipher, layout }: OpenedFile,
  { start, end }: { start: number; end: number },
): AsyncGenerator<Buffer> {
  let position = Math.floor(start / cipher.chunkBytes)
  for await (const { bytes } of inChunks(sealed, layout.sealedChunkBytes)) {
    const offset = position * cipher.chunkBytes
    const plain = cipher.open(bytes, position, position === layout.chunks - 1)
    yield plain.subarray(Math.max(0, start - offset), end + 1 - offset)
    position++
  }
}

/** Does not use `Readable.from`, because its destroy waits for the pending piece, however long that takes. */
function readableOf(pieces: AsyncGenerator<Buffer>, letGo: () => void): Readable {
  return new Readable({
    read() {
      pieces.next().then(
        ({ done, value }) => this.push(done ? null : value),
        (error: Error) => this.destroy(error),
      )
    },
    destroy(error, callback) {
      letGo()
      callback(error)
    },
  })
}
