import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { AppError } from '../../errors.ts'
import { logUnexpected } from '../http/accessLog.ts'
import { asAppError } from './faults.ts'
import { routedPath, type Surface } from '../http/surface.ts'

// A client may send the rest of a refused body for this long before its connection is closed.
const lingerMs = 5000

/** Answers every failure in the envelope of the path's surface. */
export function addFailureAnswers(
  server: FastifyInstance,
  surfaces: readonly Surface[],
  surfaceOf: (target: string) => Surface,
): (error: unknown, request: FastifyRequest, reply: FastifyReply) => void {
  function answer(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const { error, unexpected } = asAppError(thrown)
    if (unexpected) logUnexpected(request, reply, error.cause ?? error)
    const named = request.is404 ? undefined : request.routeOptions.config?.surface
    const surface = surfaces.find((entry) => entry.name === named) ?? surfaceOf(request.raw.url ?? '/')
    const failure = surface.failure(error, request.id)
    if (error.retryAfterSeconds !== undefined) reply.header('Retry-After', String(error.retryAfterSeconds))
    if (failure.status === 401) reply.header('WWW-Authenticate', 'Bearer realm="Earshot"')
    // A client that is still sending could miss the answer if the connection closed at once; see `cutOffLateBodies`.
    if (!request.raw.complete) reply.removeHeader('connection')
    void reply
      .code(failure.status)
      .headers(failure.headers ?? {})
      .type('application/json; charset=utf-8')
      .serializer((body) => JSON.stringify(body))
      .send(failure.body)
  }
  server.setErrorHandler(answer)
  cutOffLateBodies(server)
  return answer
}

/** Discards an unread body for a while, so that the client can read its answer, then closes the connection. */
function cutOffLateBodies(server: FastifyInstance): void {
  server.addHook('onResponse', async (request) => {
    const { raw } = request
    if (raw.complete || raw.destroyed) return
    raw.resume()
    const timer = setTimeout(() => raw.socket.destroy(), lingerMs).unref()
    raw.once('close', () => clearTimeout(timer))
    raw.once('end', () => clearTimeout(timer))
  })
}

/** Answers unknown paths (404), unsupported methods (405) and OPTIONS. */
export function addNotFound(server: FastifyInstance, routes: readonly { method: string; url: string }[]): void {
  const patterns = routes.map(({ method, url }) => ({ method, pattern: patternOf(url) }))
  server.setNotFoundHandler((request, reply) => {
    const path = routedPath(request.raw.url ?? '/')
    const methods = new Set(patterns.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method))
    if (methods.size === 0) {
      throw new AppError('RESOURCE_NOT_FOUND', 'There is nothing at this path; /docs lists the paths there are.')
    }
    const allowed = [...methods, 'OPTIONS'].toSorted().join(', ')
    void reply.header('Allow', allowed)
    if (request.method === 'OPTIONS') return reply.code(204).send()
    throw new AppError('METHOD_NOT_ALLOWED', `This path does not take ${request.method}; it takes ${allowed}.`)
  })
}

/** A pattern for a route's url: `:name` matches a segment, `*` the rest. */
function patternOf(url: string): RegExp {
  const source = url
    .split(/(:[A-Za-z0-9_]+|\*)/)
    .map((part) => {
      if (part === '*') return '.*'
      return part.startsWith(':') ? '[^/]+' : part.replaceAll(/[.+?^${}()|[\]\\]/g, String.raw`\$&`)
    })
    .join('')
  return new RegExp(`^${source}/?$`)
}
