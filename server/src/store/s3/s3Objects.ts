import { Buffer } from 'node:buffer'
import { S3Refusal } from './s3Refusal.ts'
import { isMissing, type S3, type S3Stream } from './s3.ts'
import { elementsOf, textOf } from './s3Xml.ts'

/** How long readers retry while the store is unreachable, and how long writers do, whose work would be lost. */
export interface RetryTimes {
  readMs: number
  writeMs: number
}

/** Bytes `start` to `end` of an object, both included; fewer when the object is shorter. */
export interface ObjectRange {
  start: number
  end?: number
  /** The required version of the object. */
  etag?: string
}

/** A range that is read as it arrives. */
export interface OpenedRange {
  stream: S3Stream
  etag: string
  /** Bytes of the whole object. */
  totalBytes: number
}

const maxBreaks = 5

/** Begins to read a range. Undefined when there is no such object; 'changed' when the object has another version. */
export async function openRange(
  s3: S3,
  name: string,
  range: ObjectRange,
  { retryTimes, signal }: { retryTimes: RetryTimes; signal?: AbortSignal },
): Promise<OpenedRange | 'changed' | undefined> {
  const { start, end, etag } = range
  try {
    const stream = await s3.open({
      method: 'GET',
      name,
      headers: { Range: `bytes=${start}-${end ?? ''}`, ...(etag === undefined ? {} : { 'If-Match': etag }) },
      retryForMs: retryTimes.readMs,
      signal,
    })
    const contentRange = /^bytes (\d+)-\d+\/(\d+)$/.exec(headerOf(stream, 'content-range'))
    if (!contentRange || Number(contentRange[1]) !== start) {
      stream.body.destroy()
      throw s3.unavailable(new Error('The store of files does not keep to ranges.'))
    }
    return { stream, etag: headerOf(stream, 'etag'), totalBytes: Number(contentRange[2]) }
  } catch (error) {
    if (isMissing(error)) return undefined
    // An object that is shorter than the required version has another one.
    const isOther = error instanceof S3Refusal && (error.status === 412 || (error.status === 416 && etag !== undefined))
    if (isOther) return 'changed'
    throw error
  }
}

/** The bytes of an opened range; after a broken connection the read resumes at the next byte. */
export async function* bytesOf(
  s3: S3,
  name: string,
  { opened, start, end }: { opened: OpenedRange; start: number; end: number },
  about: { retryTimes: RetryTimes; signal?: AbortSignal },
): AsyncGenerator<Uint8Array> {
  let next = start
  let { body } = opened.stream
  for (let breaks = 0; ;) {
    try {
      for await (const piece of body) {
        next += piece.length
        breaks = 0
        yield piece
      }
    } catch (error) {
      about.signal?.throwIfAborted()
      if (++breaks > maxBreaks) throw s3.unavailable(error)
    }
    if (next > end) return
    const again = await openRange(s3, name, { start: next, end, etag: opened.etag }, about)
    if (again === undefined || again === 'changed') throw new Error('The file was removed or replaced as it was read.')
    body = again.stream.body
  }
}

/** A whole range at once; for small ones. */
export async function readRange(
  s3: S3,
  name: string,
  range: ObjectRange,
  retryTimes: RetryTimes,
): Promise<{ bytes: Buffer; etag: string; totalBytes: number } | 'changed' | undefined> {
  const opened = await openRange(s3, name, range, { retryTimes }).catch((error: unknown) => {
    // An object without a byte has no range, and so no version that could be read; no stored file is empty.
    if (range.start === 0 && error instanceof S3Refusal && error.status === 416) return 'empty' as const
    throw error
  })
  if (opened === undefined || opened === 'changed') return opened
  if (opened === 'empty') return { bytes: Buffer.alloc(0), etag: '', totalBytes: 0 }
  const end = Math.min(range.end ?? Infinity, opened.totalBytes - 1)
  const pieces: Uint8Array[] = []
  for await (const piece of bytesOf(s3, name, { opened, start: range.start, end }, { retryTimes })) pieces.push(piece)
  return { bytes: Buffer.concat(pieces), etag: opened.etag, totalBytes: opened.totalBytes }
}

/** The version of an object; undefined when there is none. */
export async function readEtag(s3: S3, name: string, retryTimes: RetryTimes): Promise<string | undefined> {
  // GET instead of HEAD, because the answer to HEAD has no body and so no reason for a refusal.
  const found = await readRange(s3, name, { start: 0, end: 0 }, retryTimes)
  return found === 'changed' ? undefined : found?.etag
}

/** Removes an object; nothing happens when there is none. */
export async function removeObject(s3: S3, name: string, retryTimes: RetryTimes): Promise<void> {
  try {
    await s3.send({ method: 'DELETE', name, retryForMs: retryTimes.readMs })
  } catch (error) {
    if (!isMissing(error)) throw error
  }
}

/** Every object whose name begins with the prefix, page by page. */
export async function* listObjects(s3: S3, start: string, retryTimes: RetryTimes): AsyncGenerator<string> {
  const { prefix } = s3.location
  let token = ''
  do {
    const { text } = await s3.send({
      method: 'GET',
      query: { 'list-type': '2', prefix: prefix + start, ...(token === '' ? {} : { 'continuation-token': token }) },
      retryForMs: retryTimes.readMs,
    })
    for (const entry of elementsOf(text, 'Contents')) yield textOf(entry, 'Key').slice(prefix.length)
    token = textOf(text, 'IsTruncated') === 'true' ? textOf(text, 'NextContinuationToken') : ''
  } while (token !== '')
}

export function headerOf({ headers }: Pick<S3Stream, 'headers'>, name: string): string {
  return [headers[name] ?? ''].flat().join(', ')
}
