import { setTimeout as pause } from 'node:timers/promises'
import cors from '@fastify/cors'
import type { FastifyInstance, RouteOptions } from 'fastify'
import { z } from 'zod'
import type { Ports } from '../../ports.ts'
import type { Config } from '../../config.ts'
import { watchKeys } from '../../features/keys/keyStates.ts'
import { addAccessLog } from './accessLog.ts'
import { SlowDown } from '../auth/slowDown.ts'
import { addCompilers } from './compilers.ts'
import { addFailureAnswers, addNotFound } from '../errors/failures.ts'
import { fallbackSurface } from '../errors/fallback.ts'
import { addCompression } from './compression.ts'
import { addFrame } from './frame.ts'
import { addGuard } from './guard.ts'
import { addDocument } from '../document/addDocument.ts'
import { createHttpServer } from './httpServer.ts'
import { RateLimits } from './rateLimit.ts'
import { checkRules } from './route.ts'
import { surfaceFinder, type Surface } from './surface.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Set while the process drains: it still answers, and asks clients to connect elsewhere. */
    draining: { isOn: boolean }
    /** Counts failed sign-ins, for routes that check them themselves. */
    slowDown: SlowDown
  }
}

export interface ServerOptions {
  /** Checks answers against the routes' response schemas; for tests, because it costs time and turns a slip into a 500. */
  checkAnswers?: boolean
}

/** The HTTP server with all surfaces, ready to listen. Throws when a route does not declare its access rules. */
export async function buildServer(
  ports: Ports,
  surfaces: readonly Surface[],
  options: ServerOptions = {},
): Promise<FastifyInstance> {
  const surfaceOf = surfaceFinder(surfaces, fallbackSurface)
  const server = createHttpServer(ports, surfaceOf)
  server.decorate('draining', { isOn: false })
  server.decorate('slowDown', new SlowDown())
  server.decorateRequest('caller', null)
  server.decorateRequest('pendingSignature', null)
  addCompilers(server, options.checkAnswers ?? false)
  addFrame(server)
  addCompression(server)
  addFailureAnswers(server, surfaces, surfaceOf)
  await addCors(server, ports.config)
  await addDocument(server, surfaces)

  // Set after the plugins for CORS and the API document, because their routes declare no rules.
  const routes: { method: string; url: string }[] = []
  server.addHook('onRoute', (route) => {
    checkRules(route)
    for (const method of [route.method].flat()) routes.push({ method, url: route.url })
  })
  addAccessLog(server, ports.metrics)
  addGuard(server, { ports, rateLimits: new RateLimits(ports), slowDown: server.slowDown })

  for (const surface of surfaces) await registerSurface(server, ports, surface)
  addNotFound(server, routes)
  const stopWatching = await watchKeys(ports)
  server.addHook('onClose', async () => {
    await stopWatching()
  })
  await server.ready()
  return server
}

/** Listens on the configured address; returns it with the real port. */
export async function listen(server: FastifyInstance, config: Config): Promise<string> {
  await server.listen({ host: config.host, port: config.port })
  const address = server.server.address()
  const port = address !== null && typeof address === 'object' ? address.port : config.port
  const host = config.host.includes(':') ? `[${config.host}]` : config.host
  return `${config.tlsCertificate === '' ? 'http' : 'https'}://${host}:${port}`
}

/**
 * Keeps answering for a while; `/ready` answers 503 and every answer closes its connection, so that proxies send their
 * requests elsewhere before this server closes.
 */
export async function drainServer(server: FastifyInstance, forMs: number): Promise<void> {
  server.draining.isOn = true
  await pause(forMs)
}

/** Accepts no more requests and waits for running ones; closes their connections after `graceMs`. */
export async function closeServer(server: FastifyInstance, graceMs = 20_000): Promise<void> {
  // Connections that fall idle after this began would otherwise be kept for their next request.
  const sweep = setInterval(() => server.server.closeIdleConnections(), 50)
  const end = setTimeout(() => server.server.closeAllConnections(), graceMs)
  try {
    await server.close()
  } finally {
    clearInterval(sweep)
    clearTimeout(end)
  }
}

async function registerSurface(server: FastifyInstance, ports: Ports, surface: Surface): Promise<void> {
  await server.register(async (scope) => {
    scope.addHook('onRoute', (route) => {
      route.config = { ...route.config, surface: surface.name }
      route.schema = { tags: [surface.name], ...route.schema, ...querySchemaOf(surface, route) }
    })
    await surface.register(scope, ports)
  })
}

/** Earshot's own API refuses unknown parameters, because a typing error must not change a request. */
function querySchemaOf(surface: Surface, { url, schema }: RouteOptions): { querystring?: z.ZodType } {
  if (surface.isPublished || !url.startsWith('/v1/')) return {}
  const { querystring } = schema ?? {}
  return { querystring: querystring instanceof z.ZodObject ? querystring.strict() : z.strictObject({}) }
}

async function addCors(server: FastifyInstance, config: Config): Promise<void> {
  if (config.corsOrigins.length === 0) return
  await server.register(cors, {
    origin: config.corsOrigins.includes('*') ? '*' : config.corsOrigins,
    methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposedHeaders: [
      'X-Request-Id',
      'RateLimit-Limit',
      'RateLimit-Remaining',
      'RateLimit-Reset',
      'Retry-After',
      'X-Total-Count',
      'X-Next-Cursor',
      'X-Has-More',
      'Link',
      'Content-Disposition',
      'Content-Range',
      'Accept-Ranges',
      'ETag',
      'WWW-Authenticate',
    ],
    maxAge: 600,
    strictPreflight: false,
  })
}
