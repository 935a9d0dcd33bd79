import { readFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import Fastify, {
  LogController,
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify'
import type { Ports } from '../../ports.ts'
import { AppError } from '../../errors.ts'
import { createBrokenRequests, mostHeadBytes } from './brokenRequests.ts'
import { answerHeaders } from './frame.ts'
import { readQuery } from './queryText.ts'
import { newRequestId } from './requestId.ts'
import type { Surface } from './surface.ts'

const headersTimeoutMs = 20_000
// A connection without any byte for this long is dead.
const idleTimeoutMs = 120_000
// Long enough for 500 MB of audio over a slow line.
const requestTimeoutMs = 30 * 60_000
// Longer than the 60 seconds of common load balancers, which must close first.
const keepAliveTimeoutMs = 72_000

const parserOptions = {
  maxHeaderSize: mostHeadBytes,
  // The frame refuses these, in the envelope of the surface.
  requireHostHeader: false,
  // The interval of the check for requests that do not arrive in time.
  connectionsCheckingInterval: 5000,
}

/** A Fastify server with Earshot's limits, without any route. */
export function createHttpServer(ports: Ports, surfaceOf: (target: string) => Surface): FastifyInstance {
  const { config } = ports
  const broken = createBrokenRequests(surfaceOf)
  const options = {
    loggerInstance: ports.log as FastifyBaseLogger,
    // Replaced by accessLog.ts, because Fastify's log holds paths and addresses.
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: newRequestId,
    trustProxy: config.trustedProxies.length > 0 ? config.trustedProxies : false,
    connectionTimeout: idleTimeoutMs,
    requestTimeout: requestTimeoutMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    forceCloseConnections: 'idle' as const,
    // Running requests are still answered, because nothing is closed yet.
    return503OnClosing: false,
    clientErrorHandler: broken.answer,
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) =>
      refuseUnroutable(error, request, reply, surfaceOf),
    routerOptions: {
      ignoreTrailingSlash: true,
      ignoreDuplicateSlashes: true,
      maxParamLength: 2048,
      querystringParser: readQuery,
    },
  }
  const server = config.tlsCertificate === '' ? Fastify({ ...options, http: parserOptions }) : withTls(options, config)
  server.server.headersTimeout = headersTimeoutMs
  answerHalfClosed(server)
  const opened = config.tlsCertificate === '' ? 'connection' : 'secureConnection'
  endSilentConnections(server, opened)
  broken.watch(server, opened)
  return server
}

/** A client that closes its side after its request still reads: it gets its answer before the connection ends. */
function answerHalfClosed({ server }: FastifyInstance): void {
  // Node.js has this property for it, which its types lack.
  Object.assign(server, { httpAllowHalfOpen: true })
}

/** Closes unused connections at a stop; browsers open connections that may never bring a request. */
function endSilentConnections(server: FastifyInstance, opened: 'connection' | 'secureConnection'): void {
  const silent = new Set<Socket>()
  server.server.on(opened, (socket: Socket) => {
    silent.add(socket)
    socket.once('close', () => silent.delete(socket))
  })
  server.server.on('request', ({ socket }) => silent.delete(socket))
  server.addHook('preClose', async () => {
    for (const socket of silent) socket.destroy()
  })
}

/** The same server over TLS. */
function withTls(options: object, config: Ports['config']): FastifyInstance {
  const https = {
    ...parserOptions,
    cert: readFileSync(config.tlsCertificate),
    key: readFileSync(config.tlsKey),
    minVersion: 'TLSv1.2' as const,
  }
  return Fastify({ ...options, https })
}

/** Answers a path that cannot be decoded or is too long, because it reaches neither route nor hook. */
function refuseUnroutable(
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
  surfaceOf: (target: string) => Surface,
): void {
  const refusal =
    error.code === 'FST_ERR_BAD_URL'
      ? new AppError('BAD_REQUEST', 'The path is not valid; a % must be followed by two hexadecimal digits.')
      : new AppError('RESOURCE_NOT_FOUND', 'There is nothing at this path.')
  const failure = surfaceOf(request.raw.url ?? '/').failure(refusal, request.id)
  reply.raw.writeHead(failure.status, {
    ...answerHeaders(request.id, request.protocol === 'https'),
    ...failure.headers,
    'Content-Type': 'application/json; charset=utf-8',
  })
  reply.raw.end(JSON.stringify(failure.body))
}
