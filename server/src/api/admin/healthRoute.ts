import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import manifest from '../../../package.json' with { type: 'json' }
import { engineStates } from '../../features/health/readEngines.ts'
import { showHealth } from '../../features/health/showHealth.ts'
import { addRoute } from '../http/route.ts'

const count = z.int().min(0)
const engine = z.enum(engineStates)

const health = z.object({
  version: z.string(),
  engines: z.object({ postgres: engine, clickhouse: engine }),
  uptimeSeconds: count.describe('Of the process that answers'),
  memoryBytes: count.describe('Of the process that answers'),
  disk: z.object({
    freeBytes: count,
    totalBytes: count,
    keptFreeBytes: count.describe('EARSHOT_MIN_FREE_BYTES: with less nothing more is stored'),
  }),
  ingestion: z.object({
    openBatches: count.describe('Acknowledged, and not yet known to be readable'),
    oldestSeconds: count,
  }),
  totalsDaysBehind: count.describe('Days of all accounts whose totals have to be worked out'),
  jobs: z.array(
    z.object({
      kind: z.string(),
      waiting: count,
      running: count,
      failing: count.describe('Of both, those of which a try has failed'),
      oldestWaitingSeconds: count,
    }),
  ),
  exports: z.object({ failed: count.describe('In the last 24 hours') }),
  webhooks: z.object({
    pending: count,
    oldestDueSeconds: count.describe('How late the delivery is that is due the longest'),
    failed: count.describe('In the last 24 hours'),
    endpointsDisabled: count,
  }),
})

/** The state of the server, and what waits or failed in the caller's account. */
export function addHealthRoute(server: FastifyInstance): void {
  addRoute(server, {
    method: 'GET',
    url: '/v1/admin/health',
    signIn: 'key',
    scope: 'admin',
    rate: 'counted',
    bodyKind: 'none',
    quiet: true,
    summary: 'State of the server, and what waits or failed in your account',
    response: { 200: health },
    handler: async (context) => ({ version: manifest.version, ...(await showHealth(context)) }),
  })
}
