import { createGunzip } from 'node:zlib'
import type { HeldBytes } from '../../bodyMemory.ts'
import { quoted } from '../../domain/readValue.ts'
import { AppError, messageOf } from '../../errors.ts'

/** The body of a request as received, with the headers that describe its format. */
export interface IngestBody {
  bytes: Buffer
  contentType: string | undefined
  contentEncoding: string | undefined
}

/** The format of a body. */
interface BodyFormat {
  isGzipped: boolean
  /**
   * Whether each line is a record; undefined when the content type names only the compression, so that the content must
   * show it.
   */
  isLines: boolean | undefined
}

const jsonTypes = new Set(['application/json', 'text/json'])
const lineTypes = new Set(
  ['ndjson', 'x-ndjson', 'jsonl', 'x-jsonl', 'jsonlines', 'x-jsonlines', 'json-lines'].map(
    (name) => `application/${name}`,
  ),
)
const gzipTypes = new Set(['application/gzip', 'application/x-gzip', 'application/gzip-compressed'])

/** Reads the format of a body from its headers. Throws UNSUPPORTED_MEDIA_TYPE for other formats. */
export function readBodyFormat({ contentType = '', contentEncoding = '' }: IngestBody): BodyFormat {
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
 * Returns the bytes of a body, decompressed if it is gzipped; `held` reserves memory for the output as it grows. Throws
 * PAYLOAD_TOO_LARGE over the limit, BAD_REQUEST for malformed gzip, UNAVAILABLE when the memory is full.
 */
export async function inflateBody(
  bytes: Buffer,
  { isGzipped }: BodyFormat,
  { limit, held }: { limit: number; held: HeldBytes },
): Promise<Buffer> {
  if (isGzipped) return gunzip(bytes, limit, held)
  if (bytes.length > limit) throw tooLarge(limit)
  return bytes
}

async function gunzip(bytes: Buffer, limit: number, held: HeldBytes): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  // Large bodies use large chunks, because each chunk costs one iteration of the event loop.
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
