import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { HeldBytes } from '../../bodyMemory.ts'
import { requireSpace } from '../../features/health/requireSpace.ts'
import { beginSignIn, checkedStream, finishSignIn, type SignInParts } from '../auth/signIn.ts'
import { limited, parseJson, readBody, refuseAnnouncedSize } from './body.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** What its body takes of the memory for bodies, until it is answered. */
    heldBytes: HeldBytes | null
  }
}

const readingMethods = new Set(['GET', 'HEAD', 'OPTIONS'])
// What a route that takes no body may be sent all the same: a signature covers it, nothing else looks at it.
const ignoredBodyLimit = 64 * 1024

/** Puts sign-in before every route, and the body where its route's rules want it: read only once the key is known. */
export function addGuard(server: FastifyInstance, parts: SignInParts): void {
  server.addHook('onRequest', async (request, reply) => {
    const { rules } = request.routeOptions.config
    if (!rules) return
    await beginSignIn(parts, rules, request, reply)
    // Before any of the body is taken.
    if (!rules.atFullDisk && !readingMethods.has(request.method)) await requireSpace(parts.ports)
  })
  server.decorateRequest('heldBytes', null)
  addBodyParser(server, parts)
  server.addHook('preValidation', async (request, reply) => {
    const { rules } = request.routeOptions.config
    if (!rules) return
    await finishSignIn(parts, rules, request, reply)
    request.body = settledBody(parts, request)
  })
}

function addBodyParser(server: FastifyInstance, parts: SignInParts): void {
  // Clients that ask first (Expect: 100-continue) are told to go on only when their body will be read.
  server.server.on('checkContinue', (request, response) => server.server.emit('request', request, response))
  server.addHook('preParsing', async (request, reply, payload) => {
    const { rules, limit } = bodyRules(request)
    if (rules === undefined) return payload
    refuseAnnouncedSize(request.headers, limit, rules.overLimit)
    const held = parts.ports.bodyMemory.open()
    request.heldBytes = held
    // Comes also when the client is gone before its answer.
    reply.raw.once('close', () => held.release())
    if (request.headers.expect?.toLowerCase() === '100-continue') reply.raw.writeContinue()
    return payload
  })
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('*', async (request: FastifyRequest) => {
    const { rules, limit } = bodyRules(request)
    if (rules === undefined) return undefined
    // Leaving the loop must not cut the connection: the answer has still to go out.
    const chunks = request.raw.iterator({ destroyOnReturn: false })
    if (rules.body === 'stream') return checkedStream(parts, request, limited(chunks, limit, rules.overLimit))
    return readBody(chunks, limit, (bytes) => request.heldBytes?.take(bytes))
  })
}

function bodyRules(request: FastifyRequest) {
  const { rules } = request.routeOptions.config
  const limit = rules?.body === 'none' ? ignoredBodyLimit : request.routeOptions.bodyLimit
  return { rules, limit }
}

function settledBody(parts: SignInParts, request: FastifyRequest): unknown {
  const kind = request.routeOptions.config.rules?.body
  if (kind === 'stream') return request.body ?? checkedStream(parts, request, nothing())
  const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
  if (kind === 'raw') return bytes
  return kind === 'json' ? parseJson(bytes) : undefined
}

async function* nothing(): AsyncGenerator<Uint8Array> {}
