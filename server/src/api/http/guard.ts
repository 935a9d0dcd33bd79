import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { HeldBytes } from '../../bodyMemory.ts'
import { requireSpace } from '../../features/health/requireSpace.ts'
import { beginSignIn, checkedStream, finishSignIn, type SignInParts } from '../auth/signIn.ts'
import { limited, parseJson, readBody, refuseAnnouncedSize } from './body.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The memory of the body, until the request is answered. */
    heldBytes: HeldBytes | null
  }
}

const readingMethods = new Set(['GET', 'HEAD', 'OPTIONS'])
// The largest body for routes without one; only the signature uses it.
const ignoredBodyLimit = 64 * 1024

/** Runs sign-in before every route, and reads the body after sign-in, as the rules of the route say. */
export function addGuard(server: FastifyInstance, parts: SignInParts): void {
  server.addHook('onRequest', async (request, reply) => {
    const { rules } = request.routeOptions.config
    if (!rules) return
    await beginSignIn(parts, rules, request, reply)
    // Before the body is read.
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
  // A client that sends Expect: 100-continue gets 100 only if its body will be read.
  server.server.on('checkContinue', (request, response) => server.server.emit('request', request, response))
  server.addHook('preParsing', async (request, reply, payload) => {
    const { rules, limit } = bodyRules(request)
    if (rules === undefined) return payload
    refuseAnnouncedSize(request.headers, limit, rules.overLimit)
    const held = parts.ports.bodyMemory.open()
    request.heldBytes = held
    // Also fires if the client disconnects before its answer.
    reply.raw.once('close', () => held.release())
    if (request.headers.expect?.toLowerCase() === '100-continue') reply.raw.writeContinue()
    return payload
  })
  server.removeAllContentTypeParsers()
  server.addContentTypeParser('*', async (request: FastifyRequest) => {
    const { rules, limit } = bodyRules(request)
    if (rules === undefined) return undefined
    // Leaving the loop must not close the connection, because the answer is still to be sent.
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
