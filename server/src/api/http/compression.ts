import type { IncomingHttpHeaders } from 'node:http'
import { pipeline, Readable, type Transform } from 'node:stream'
import { promisify } from 'node:util'
import { constants, createGzip, createZstdCompress, gzip, zstdCompress } from 'node:zlib'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'

export type Coding = 'gzip' | 'zstd'

// Compression saves little below this size, because an answer takes at least one packet.
const leastBytes = 1024
// The lightest levels, because they already shrink rows of records to a tenth.
const gzipOptions = { level: constants.Z_BEST_SPEED }
const zstdOptions = { params: { [constants.ZSTD_c_compressionLevel]: 1 } }

const compressible =
  /^(?:text\/(?!event-stream)|image\/svg\+xml|application\/(?:[\w.-]+\+)?(?:json|x-ndjson|javascript|xml)\b)/

/**
 * Compresses answers for clients that accept it. The threads of zlib compress whole texts, and streams are compressed
 * piece by piece, so that no other request waits. Not compressed: files by signed links (a client may ask for a range),
 * live streams, and answers with a content encoding.
 */
export function addCompression(server: FastifyInstance): void {
  server.addHook('onSend', async (request, reply, payload: unknown) => {
    if (!canBePacked(request, reply)) return payload
    if (reply.getHeader('content-encoding') !== undefined) {
      if (reply.getHeader('content-encoding') === 'identity') reply.removeHeader('content-encoding')
      return payload
    }
    addVary(reply)
    const coding = codingOf(request.headers)
    if (coding === undefined) return payload
    if (typeof payload === 'string' || Buffer.isBuffer(payload)) return packedWhole(payload, coding, reply)
    return payload instanceof Readable && request.method !== 'HEAD' ? packedStream(payload, coding, reply) : payload
  })
}

function canBePacked({ routeOptions, headers }: FastifyRequest, reply: FastifyReply): boolean {
  const { rules, lasts } = routeOptions.config
  if (rules?.signIn === 'link' || lasts === true || headers.range !== undefined) return false
  return compressible.test(String(reply.getHeader('content-type') ?? ''))
}

function addVary(reply: FastifyReply): void {
  const named = [reply.getHeader('vary') ?? []].flat().join(', ')
  if (/\baccept-encoding\b|\*/i.test(named)) return
  void reply.header('Vary', named === '' ? 'Accept-Encoding' : `${named}, Accept-Encoding`)
}

const gzipped = promisify(gzip)
const zstandardised = promisify(zstdCompress)

async function packedWhole(payload: string | Buffer, coding: Coding, reply: FastifyReply): Promise<string | Buffer> {
  if (Buffer.byteLength(payload) < leastBytes) return payload
  markPacked(reply, coding)
  return coding === 'gzip' ? gzipped(payload, gzipOptions) : zstandardised(payload, zstdOptions)
}

/** The compressed stream, with the headers of the answer. */
export function packedStream(content: Readable, coding: Coding, reply: FastifyReply): Readable {
  markPacked(reply, coding)
  const packer: Transform = coding === 'gzip' ? createGzip(gzipOptions) : createZstdCompress(zstdOptions)
  // Fastify handles the error on the stream of the answer.
  return pipeline(content, packer, () => {})
}

function markPacked(reply: FastifyReply, coding: Coding): void {
  void reply.header('Content-Encoding', coding).removeHeader('content-length')
  const tag = reply.getHeader('etag')
  // The compressed bytes are another representation, so the tag becomes a weak one.
  if (typeof tag === 'string' && tag.startsWith('"')) void reply.header('ETag', `W/${tag}`)
}

/** The content coding that the request prefers; zstd if both have the same weight. */
function codingOf(headers: IncomingHttpHeaders): Coding | undefined {
  const accepted = headers['accept-encoding']
  const weights = weightsOf(Array.isArray(accepted) ? accepted.join() : accepted)
  const others = weights.get('*') ?? 0
  const zstd = weights.get('zstd') ?? others
  const gzipWeight = weights.get('gzip') ?? others
  if (zstd === 0 && gzipWeight === 0) return undefined
  return zstd >= gzipWeight ? 'zstd' : 'gzip'
}

/** `a;q=0.5, b` as `a → 0.5, b → 1`. */
export function weightsOf(header: string | undefined): Map<string, number> {
  const entries = (header ?? '').split(',').map((entry): [string, number] => {
    const [name = '', ...parameters] = entry.split(';').map((part) => part.trim().toLowerCase())
    const weight = Number(parameters.find((part) => part.startsWith('q='))?.slice(2) ?? 1)
    return [name, Number.isFinite(weight) ? weight : 1]
  })
  return new Map(entries)
}
