import type { FastifyInstance } from 'fastify'
import { heatMap } from '../../features/analytics/heatMap.ts'
import { listWords } from '../../features/calls/listWords.ts'
import { addRoute } from '../http/route.ts'
import * as schema from './overviewSchema.ts'

const reading = { method: 'GET', signIn: 'key', scope: 'analytics:read', rate: 'counted', bodyKind: 'none' } as const

/** Data of the console's overview beside the published figures. */
export function addOverviewRoutes(server: FastifyInstance): void {
  addRoute(server, {
    ...reading,
    url: '/v1/console/heat-map',
    query: schema.heatMapQuery,
    response: { 200: schema.heatMap },
    summary: 'Calls of a period by the weekday and hour in which they began; hours without calls are omitted',
    async handler(context, { query }) {
      const { dateFrom, dateTo, timezone } = query
      return { data: await heatMap(context, { dateFrom, dateTo, timezone, filters: schema.filtersOf(query) }) }
    },
  })
  addRoute(server, {
    ...reading,
    url: '/v1/console/words',
    response: { 200: schema.words },
    summary: 'Languages and tags that calls have, to choose from',
    handler: (context) => listWords(context),
  })
}
