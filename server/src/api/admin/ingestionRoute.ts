import type { FastifyInstance } from 'fastify'
import { formatInstant } from '../../domain/instant.ts'
import { countReceived } from '../../features/ingest/countReceived.ts'
import { listFaults } from '../../features/ingest/listFaults.ts'
import { addRoute } from '../http/route.ts'
import * as schema from './ingestionSchema.ts'

const guarded = { signIn: 'key', scope: 'admin', rate: 'counted' } as const

/** What came in, and what was refused. */
export function addIngestionRoutes(server: FastifyInstance): void {
  addRoute(server, {
    ...guarded,
    method: 'GET',
    url: '/v1/admin/ingestion',
    bodyKind: 'none',
    summary: 'What came in during the last 24 hours, by collection and hour',
    response: { 200: schema.received },
    async handler(context) {
      const found = await countReceived(context)
      return {
        from: formatInstant(found.from),
        to: formatInstant(found.to),
        data: found.received.map(({ lastAt, hours, ...counts }) => ({
          ...counts,
          lastAt: formatInstant(lastAt),
          hours: hours.map(({ startsAt, records }) => ({ startsAt: formatInstant(startsAt), records })),
        })),
      }
    },
  })
  addRoute(server, {
    ...guarded,
    method: 'GET',
    url: '/v1/admin/ingestion/faults',
    bodyKind: 'none',
    query: schema.faultQuery,
    summary: 'What ingestion refused in the last days, by sender and kind of fault',
    response: { 200: schema.faultList },
    async handler(context, request) {
      const { from, to, faults } = await listFaults(context, request.query)
      return {
        from: formatInstant(from),
        to: formatInstant(to),
        data: faults.map((fault) => ({ ...fault, lastAt: fault.lastAt.toISOString() })),
      }
    },
  })
}
