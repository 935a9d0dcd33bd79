import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { AppError, messageOf } from '../../errors.ts'
import { yieldByTime } from '../../yieldByTime.ts'

const decompress = promisify(gunzip)

/** A request's body as it came, with the headers that say how to read it. */
export interface IngestBody {
  bytes: Buffer
  contentType: string | undefined
  contentEncoding: string | undefined
}

export interface BodyLimits {
  bytes: number
  records: number
}

/**
 * Reads the records of a body: a JSON object, a JSON array, or NDJSON, each optionally gzipped.
 * Throws BAD_REQUEST for malformed input, PAYLOAD_TOO_LARGE over a limit, UNSUPPORTED_MEDIA_TYPE for other types.
 */
export async function readBody(body: IngestBody, limits: BodyLimits): Promise<unknown[]> {
  const type = mediaTypeOf(body.contentType)
  const text = decode(await inflate(body, limits.bytes))
  const records = type === 'application/x-ndjson' ? await readLines(text, limits) : readJson(text)
  if (records.length > limits.records) throw tooMany(limits.records)
  return records
}

function mediaTypeOf(contentType: string | undefined): string {
  const type = (contentType ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  if (type === 'application/json' || type === 'application/x-ndjson') return type
  throw new AppError(
    'UNSUPPORTED_MEDIA_TYPE',
    `The content type ${JSON.stringify(type)} is not taken; send application/json or application/x-ndjson.`,
  )
}

async function inflate(body: IngestBody, limit: number): Promise<Buffer> {
  const encoding = (body.contentEncoding ?? 'identity').trim().toLowerCase()
  if (encoding === 'identity' || encoding === '') {
    if (body.bytes.length > limit) throw tooLarge(limit)
    return body.bytes
  }
  if (encoding !== 'gzip') {
    throw new AppError(
      'UNSUPPORTED_MEDIA_TYPE',
      `The content encoding ${JSON.stringify(encoding)} is not taken; send gzip or none.`,
    )
  }
  try {
    return await decompress(body.bytes, { maxOutputLength: limit })
  } catch (error) {
    if (error instanceof RangeError) throw tooLarge(limit)
    throw new AppError('BAD_REQUEST', `The body is not well-formed gzip: ${messageOf(error)}.`, {
      rule: 'The body is not well-formed gzip, as its Content-Encoding says.',
    })
  }
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    const rule = 'The body is not well-formed UTF-8.'
    throw new AppError('BAD_REQUEST', rule, { rule })
  }
}

function readJson(text: string): unknown[] {
  if (text.trim() === '') return []
  const value = parse(text, '')
  return Array.isArray(value) ? value : [value]
}

async function readLines(text: string, limits: BodyLimits): Promise<unknown[]> {
  const records: unknown[] = []
  const pause = yieldByTime()
  let start = 0
  for (let line = 1; start < text.length; line++) {
    const end = text.indexOf('\n', start)
    const content = text.slice(start, end < 0 ? text.length : end)
    start = end < 0 ? text.length : end + 1
    if (content.trim() === '') continue
    if (records.length === limits.records) throw tooMany(limits.records)
    records.push(parse(content, `line ${line}: `))
    await pause()
  }
  return records
}

function parse(text: string, where: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const place = `${where}${withoutContent(messageOf(error))}`
    throw new AppError('BAD_REQUEST', `The body is not well-formed JSON: ${place}.`, {
      rule: 'The body is not well-formed JSON, or one record a line where it is sent as NDJSON.',
    })
  }
}

/** The parser quotes what it stumbled over, which may be personal. */
function withoutContent(message: string): string {
  return (
    /at position \d+( \(line \d+ column \d+\))?/.exec(message)?.[0] ?? 'it ends too early or holds a stray character'
  )
}

function tooLarge(limit: number): AppError {
  return new AppError(
    'PAYLOAD_TOO_LARGE',
    `The body may have at most ${limit} bytes after decompression; send it in parts.`,
  )
}

function tooMany(limit: number): AppError {
  return new AppError('PAYLOAD_TOO_LARGE', `A request may have at most ${limit} records; send them in parts.`)
}
