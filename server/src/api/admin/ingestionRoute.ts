import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { formatInstant } from '../../domain/instant.ts'
import { countReceived } from '../../features/ingest/countReceived.ts'
import { addRoute } from '../route.ts'

const instant = z.iso.datetime()

const received = z.object({
  from: instant,
  to: instant,
  data: z.array(
    z.object({
      collection: z.string(),
      records: z.int().describe('Sent or changed in the period, each counted once'),
      lastAt: instant,
      hours: z.array(z.object({ startsAt: instant, records: z.int() })).describe('Those with records, oldest first'),
    }),
  ),
})

/** What came in. */
export function addIngestionRoute(server: FastifyInstance): void {
  addRoute(server, {
    method: 'GET',
    url: '/v1/admin/ingestion',
    signIn: 'key',
    scope: 'admin',
    rate: 'counted',
    bodyKind: 'none',
    summary: 'What came in during the last 24 hours, by collection and hour',
    response: { 200: received },
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
}
