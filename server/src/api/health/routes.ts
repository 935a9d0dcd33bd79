import { hash, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import manifest from '../../../package.json' with { type: 'json' }
import type { Ports } from '../../ports.ts'
import { AppError } from '../../errors.ts'
import { openFigures } from '../../features/health/openFigures.ts'
import { engineStates } from '../../features/health/readEngines.ts'
import { readReadiness } from '../../features/health/readReadiness.ts'
import { plainFailure } from '../errors/fallback.ts'
import { addRoute } from '../http/route.ts'
import type { Surface } from '../http/surface.ts'
import { prometheusText } from './prometheusText.ts'

const open = { signIn: 'none', scope: 'none', rate: 'free', bodyKind: 'none', quiet: true } as const

// Load balancers repeat this request often.
const askAgainSeconds = 5

/** Liveness, readiness and metrics. */
export const healthSurface: Surface = {
  name: 'health',
  prefixes: ['/health', '/ready', '/metrics'],
  failure: plainFailure,
  register(server, ports) {
    addHealth(server)
    addReady(server, ports)
    addMetrics(server, ports)
  },
}

function addHealth(server: FastifyInstance): void {
  addRoute(server, {
    ...open,
    method: 'GET',
    url: '/health',
    summary: 'Answers when the server accepts requests',
    response: { 200: z.object({ status: z.literal('ok'), version: z.string() }) },
    handler: () => ({ status: 'ok', version: manifest.version }),
  })
}

const engineState = z.enum(engineStates)
const readiness = z.object({
  status: z.enum(['ok', 'read-only', 'unavailable', 'stopping']),
  postgres: engineState.optional(),
  clickhouse: engineState.optional(),
  migrations: engineState.optional(),
  disk: z.enum(['ok', 'full']).optional(),
})

function addReady(server: FastifyInstance, ports: Ports): void {
  addRoute(server, {
    ...open,
    method: 'GET',
    url: '/ready',
    summary: 'Whether both engines answer with the tables of this version',
    description:
      'Answers 503 with Retry-After and what is missing, and from the moment at which the process begins to stop. While ' +
      'the disk is nearly full, so that writing answers 507 and reading goes on, it answers 200 with `read-only`.',
    response: { 200: readiness, 503: readiness },
    async handler(_context, _request, reply) {
      if (server.draining.isOn) {
        return reply.code(503).header('Retry-After', String(askAgainSeconds)).send({ status: 'stopping' })
      }
      const found = await readReadiness(ports)
      const { disk, ...stores } = found
      if (Object.values(stores).every((state) => state === 'ok')) {
        return { status: disk === 'ok' ? 'ok' : 'read-only', ...found }
      }
      return reply
        .code(503)
        .header('Retry-After', String(askAgainSeconds))
        .send({ status: 'unavailable', ...found })
    },
  })
}

function addMetrics(server: FastifyInstance, ports: Ports): void {
  const readFigures = openFigures(ports)
  addRoute(server, {
    ...open,
    method: 'GET',
    url: '/metrics',
    summary: 'Figures of this process, and what waits in the stores, in the Prometheus text format',
    description: 'If EARSHOT_METRICS_TOKEN is set, the request must send it as a Bearer token.',
    response: { 200: { description: 'The figures', content: { 'text/plain': { schema: z.string() } } } },
    async handler(_context, request, reply) {
      requireToken(ports.config.metricsToken, request.headers.authorization)
      const text = prometheusText(await readFigures())
      return reply.type('text/plain; version=0.0.4; charset=utf-8').send(text)
    },
  })
}

function requireToken(token: string, authorization = ''): void {
  if (token === '') return
  const given = /^bearer (.+)$/i.exec(authorization)?.[1] ?? ''
  // Hashes have one length, so the comparison does not reveal the token's length.
  const same = timingSafeEqual(hash('sha256', given, 'buffer'), hash('sha256', token, 'buffer'))
  if (!same) {
    throw new AppError(
      'INVALID_API_KEY',
      'The figures need EARSHOT_METRICS_TOKEN, sent as Authorization: Bearer TOKEN.',
    )
  }
}
