import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Metrics } from '../../metrics.ts'

// The status that nginx logs for a client that disconnects before the answer.
const clientClosedStatus = 499

/** Logs and counts every request, without its query, path parameters and address. */
export function addAccessLog(server: FastifyInstance, metrics: Metrics): void {
  // A refused client may disconnect while it still sends; its request is logged already.
  const answered = new WeakSet<FastifyRequest>()
  server.addHook('onResponse', async (request, reply) => {
    answered.add(request)
    note(request, reply.statusCode, reply.elapsedTime, metrics)
  })
  server.addHook('onRequestAbort', async (request) => {
    if (answered.has(request)) return
    const isEndOfStream = request.routeOptions.config.lasts === true && request.caller !== null
    note(request, isEndOfStream ? 200 : clientClosedStatus, undefined, metrics)
  })
}

function note(request: FastifyRequest, status: number, durationMs: number | undefined, metrics: Metrics): void {
  const route = request.is404 ? 'unmatched' : (request.routeOptions.url ?? 'unmatched')
  count(request, status, durationMs, metrics)
  const actor = request.caller?.actor
  const line = {
    requestId: request.id,
    method: request.method,
    route,
    status,
    durationMs: durationMs === undefined ? undefined : Math.round(durationMs * 10) / 10,
    accountId: request.caller?.accountId,
    keyId: actor?.kind === 'key' ? actor.keyId : undefined,
    userId: actor?.kind === 'user' ? actor.userId : undefined,
  }
  const { log } = request.server
  if (log.level === 'debug' || log.level === 'trace') log.debug({ ...line, address: request.ip }, 'request')
  else if (!request.routeOptions.config.quiet) log.info(line, 'request')
}

// Other methods are counted together, because a caller may invent names.
const countedMethods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** The surface for the metrics, because a path may hold ids; `none` for paths without a surface. */
function count(request: FastifyRequest, status: number, durationMs: number | undefined, metrics: Metrics): void {
  const surface = request.is404 ? 'none' : (request.routeOptions.config.surface ?? 'none')
  const method = countedMethods.has(request.method) ? request.method : 'other'
  metrics.requests.add({ surface, method, status: `${Math.floor(status / 100)}xx` })
  if (durationMs !== undefined && !request.routeOptions.config.lasts)
    metrics.requestDuration.observe({ surface, method }, durationMs / 1000)
}

/** Logs an unexpected failure with its cause. */
export function logUnexpected(request: FastifyRequest, reply: FastifyReply, error: unknown): void {
  request.server.log.error(
    {
      err: error,
      requestId: request.id,
      method: request.method,
      route: request.routeOptions.url ?? 'unmatched',
      sent: reply.raw.headersSent,
    },
    'unexpected failure',
  )
}
