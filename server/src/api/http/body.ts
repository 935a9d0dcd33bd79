import type { IncomingHttpHeaders } from 'node:http'
import { scanOn, startScan } from '../../domain/jsonScan.ts'
import { AppError } from '../../errors.ts'

/** Values in the lists and objects of one JSON body. */
const maxValues = 10_000

// A body that arrives very slowly would hold its memory without end.
const maxArrivalMs = 120_000

/** A whole body of at most `limit` bytes. `take` is called before each chunk is kept, and throws to refuse it. */
export async function readBody(
  payload: AsyncIterable<Uint8Array>,
  limit: number,
  take: (bytes: number) => void,
): Promise<Buffer> {
  const deadline = performance.now() + maxArrivalMs
  const chunks: Uint8Array[] = []
  for await (const chunk of limited(payload, limit)) {
    if (performance.now() > deadline) {
      throw new AppError(
        'BAD_REQUEST',
        `The body did not arrive within ${maxArrivalMs / 1000} seconds; send it faster or in parts.`,
      )
    }
    take(chunk.length)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

/** The chunks of a body, which throws PAYLOAD_TOO_LARGE as soon as there are more than `limit` bytes. */
export async function* limited(
  payload: AsyncIterable<Uint8Array>,
  limit: number,
  remedy?: string,
): AsyncGenerator<Uint8Array> {
  let bytes = 0
  try {
    for await (const chunk of payload) {
      bytes += chunk.length
      if (bytes > limit) throw tooLarge(limit, remedy)
      yield chunk
    }
  } catch (error) {
    if (isAborted(error))
      throw new AppError('BAD_REQUEST', 'The connection ended before the body did.', { cause: error })
    throw error
  }
}

/** Refuses a body whose own Content-Length is over the limit. */
export function refuseAnnouncedSize(headers: IncomingHttpHeaders, limit: number, remedy?: string): void {
  if (Number(headers['content-length'] ?? 0) > limit) throw tooLarge(limit, remedy)
}

/** The value of a JSON body in UTF-8; `{}` for an empty body, so that faults name the missing fields. */
export function parseJson(body: Buffer): unknown {
  if (body.length === 0) return {}
  refuseManyValues(body)
  try {
    return JSON.parse(utf8.decode(body))
  } catch (error) {
    // The parser's own message quotes the body.
    const position = error instanceof Error ? /at position (\d+)/.exec(error.message)?.[1] : undefined
    const place = position === undefined ? '' : ` (at character ${position})`
    throw new AppError('BAD_REQUEST', `The body is not well-formed JSON in UTF-8${place}.`)
  }
}

/** Refuses bodies with very many values before they are parsed, because each may cause a fault or a look-up. */
function refuseManyValues(body: Buffer): void {
  const scan = startScan(0)
  scanOn(scan, body, body.length)
  if (scan.values <= maxValues) return
  throw new AppError('PAYLOAD_TOO_LARGE', `The body holds more than ${maxValues} values; send it in parts.`)
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

function tooLarge(limit: number, remedy = 'send it in parts'): AppError {
  return new AppError('PAYLOAD_TOO_LARGE', `The body has more than ${limit} bytes; ${remedy}.`)
}

function isAborted(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ECONNRESET'
}
