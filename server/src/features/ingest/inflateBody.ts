import { createGunzip } from 'node:zlib'
import type { HeldBytes } from '../../bodyMemory.ts'
import { quoted } from '../../domain/readValue.ts'
import { AppError, messageOf } from '../../errors.ts'

/** A request's body as it came, with the headers that say how to read it. */
export interface IngestBody {
  bytes: Buffer
  contentType: string | undefined
  contentEncoding: string | undefined
}

/** How a body is to be read. */
interface BodyForm {
  isGzipped: boolean
  /** A record a line; undefined: to be seen from the content, for a type that only says how it is packed. */
  isLines: boolean | undefined
}

const jsonTypes = new Set(['application/json', 'text/json'])
const lineTypes = new Set(
  ['ndjson', 'x-ndjson', 'jsonl', 'x-jsonl', 'jsonlines', 'x-jsonlines', 'json-lines'].map(
    (name) => `application/${name}`,
  ),
)
const gzipTypes = new Set(['application/gzip', 'application/x-gzip', 'application/gzip-compressed'])

/** What the headers say of a body. Throws UNSUPPORTED_MEDIA_TYPE for what is not taken. */
export function formOf({ contentType = '', contentEncoding = '' }: IngestBody): BodyForm {
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? ''
  const encoding = contentEncoding.trim().toLowerCase()
  const isEncoded = encoding === 'gzip' || encoding === 'x-gzip'
  if (!isEncoded && encoding !== 'identity' && encoding !== '') {
    throw new AppError(
      'UNSUPPORTED_MEDIA_TYPE',
      `The content encoding ${quoted(encoding)} is not taken; send gzip or none.`,
    )
  }
  if (lineTypes.has(type)) return { isGzipped: isEncoded, isLines: true }
  if (jsonTypes.has(type)) return { isGzipped: isEncoded, isLines: false }
  if (gzipTypes.has(type)) return { isGzipped: true, isLines: undefined }
  throw new AppError(
    'UNSUPPORTED_MEDIA_TYPE',
    `The content type ${quoted(type)} is not taken; send application/json or application/x-ndjson.`,
  )
}

/**
 * The bytes of a body, inflated where they came gzipped; what that makes is taken from the memory for bodies as it grows.
 * Throws PAYLOAD_TOO_LARGE over the limit, BAD_REQUEST for malformed gzip, UNAVAILABLE where the memory is full.
 */
export async function inflateBody(
  bytes: Buffer,
  { isGzipped }: BodyForm,
  { limit, held }: { limit: number; held: HeldBytes },
): Promise<Buffer> {
  if (isGzipped) return gunzip(bytes, limit, held)
  if (bytes.length > limit) throw tooLarge(limit)
  return bytes
}

async function gunzip(bytes: Buffer, limit: number, held: HeldBytes): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  // Large bodies in large pieces, each of which is a turn of the event loop.
  const chunkSize = Math.min(1024 * 1024, Math.max(16 * 1024, 4 * bytes.length))
  const inflating = createGunzip({ chunkSize })
  inflating.end(bytes)
  try {
    for await (const chunk of inflating as AsyncIterable<Buffer>) {
      length += chunk.length
      if (length > limit) throw tooLarge(limit)
      held.take(chunk.length)
      chunks.push(chunk)
    }
  } catch (error) {
    if (error instanceof AppError) throw error
    throw new AppError('BAD_REQUEST', `The body is not well-formed gzip: ${messageOf(error)}.`, {
      rule: 'The body is not well-formed gzip, as its Content-Encoding says.',
    })
  }
  return Buffer.concat(chunks, length)
}

function tooLarge(limit: number): AppError {
  return new AppError(
    'PAYLOAD_TOO_LARGE',
    `The body may have at most ${limit} bytes after decompression; send it in parts.`,
  )
}
