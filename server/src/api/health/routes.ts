import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import manifest from '../../../package.json' with { type: 'json' }
import type { App } from '../../app.ts'
import { engineStates, readEngines } from '../../features/health/readEngines.ts'
import { plainFailure } from '../fallback.ts'
import { addRoute } from '../route.ts'
import type { Surface } from '../surface.ts'

const open = { signIn: 'none', scope: 'none', rate: 'free', bodyKind: 'none', quiet: true } as const

/** Whether the program runs, whether its engines do, and how busy it is. */
export const healthSurface: Surface = {
  name: 'health',
  prefixes: ['/health', '/ready', '/metrics'],
  failure: plainFailure,
  register(server, app) {
    addHealth(server)
    addReady(server, app)
    addRoute(server, {
      ...open,
      method: 'GET',
      url: '/metrics',
      summary: 'Figures of this process in the Prometheus text format',
      response: { 200: { description: 'The figures', content: { 'text/plain': { schema: z.string() } } } },
      async handler(_context, _request, reply) {
        return reply.type('text/plain; version=0.0.4; charset=utf-8').send(await server.metrics.text())
      },
    })
  },
}

function addHealth(server: FastifyInstance): void {
  addRoute(server, {
    ...open,
    method: 'GET',
    url: '/health',
    summary: 'Answers as soon as requests are served',
    response: { 200: z.object({ status: z.literal('ok'), version: z.string() }) },
    handler: () => ({ status: 'ok', version: manifest.version }),
  })
}

const engineState = z.enum(engineStates)
const readiness = z.object({ status: engineState, postgres: engineState, clickhouse: engineState })

function addReady(server: FastifyInstance, app: App): void {
  addRoute(server, {
    ...open,
    method: 'GET',
    url: '/ready',
    summary: 'Whether both engines answer; 503 when one does not',
    response: { 200: readiness, 503: readiness },
    async handler(_context, _request, reply) {
      const { postgres, clickhouse } = await readEngines(app)
      const ready = postgres === 'ok' && clickhouse === 'ok'
      return reply.code(ready ? 200 : 503).send({ status: ready ? 'ok' : 'unavailable', postgres, clickhouse })
    },
  })
}
