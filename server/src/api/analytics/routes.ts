import type { FastifyInstance } from 'fastify'
import { breakDown } from '../../features/analytics/breakDown.ts'
import type { DimensionName } from '../../features/analytics/dimensions.ts'
import { startReport } from '../../features/analytics/startReport.ts'
import { summarize } from '../../features/analytics/summarize.ts'
import { trend } from '../../features/analytics/trend.ts'
import { exportLink } from '../../features/exports/exportLink.ts'
import { getExport } from '../../features/exports/getExport.ts'
import { exportsFailure, exportsFailureShape } from '../errors/exportsFailure.ts'
import { addRoute } from '../http/route.ts'
import type { Surface } from '../http/surface.ts'
import { breakdownOf, filtersOf, granularityOf, jobOf, requestOf, startedJob, summaryOf, trendOf } from './map.ts'
import * as schema from './schema.ts'

/** Both prefixes are published; the API document omits the second. */
const prefixes = ['/v1/analytics', '/api/v1/analytics'] as const

const reading = { signIn: 'key', scope: 'analytics:read', rate: 'counted', bodyKind: 'none', method: 'GET' } as const

/** Summary, breakdowns and trends of an account's calls, and their export. */
export const analyticsSurface: Surface = {
  name: 'analytics',
  isPublished: true,
  prefixes,
  failure: exportsFailure,
  failureShape: exportsFailureShape,
  register(server) {
    for (const prefix of prefixes) {
      const document = { hide: prefix !== prefixes[0] }
      addSummary(server, prefix, document)
      addBreakdown(server, { url: `${prefix}/campaigns`, dimension: 'campaignId', idName: 'campaignId', document })
      addBreakdown(server, {
        url: `${prefix}/call-centers`,
        dimension: 'callCenterId',
        idName: 'callCenterId',
        document,
      })
      addBreakdown(server, { url: `${prefix}/executives`, dimension: 'agentId', idName: 'executiveId', document })
      addTrends(server, prefix, document)
      addExport(server, prefix, document)
      addExportStatus(server, prefix, document)
    }
  },
}

interface Shown {
  hide: boolean
}

function addSummary(server: FastifyInstance, prefix: string, document: Shown): void {
  addRoute(server, {
    ...reading,
    url: `${prefix}/summary`,
    query: schema.reportQuery,
    response: { 200: schema.summaryAnswer },
    summary: 'Metrics of a period as a whole',
    document,
    async handler(context, { query }) {
      return summaryOf(await summarize(context, requestOf(query)), query.metrics)
    },
  })
}

function addBreakdown(
  server: FastifyInstance,
  { url, dimension, idName, document }: { url: string; dimension: DimensionName; idName: string; document: Shown },
): void {
  addRoute(server, {
    ...reading,
    url,
    query: schema.breakdownQuery,
    response: { 200: schema.breakdownAnswer(idName) },
    summary: `Metrics of a period for each ${idName}, most calls first`,
    document,
    async handler(context, { query }) {
      const rows = await breakDown(context, { ...requestOf(query), dimension, limit: query.limit })
      return breakdownOf(rows, idName, query.metrics)
    },
  })
}

function addTrends(server: FastifyInstance, prefix: string, document: Shown): void {
  addRoute(server, {
    ...reading,
    url: `${prefix}/trends`,
    query: schema.trendQuery,
    response: { 200: schema.trendAnswer },
    summary: 'Metrics of every day, week or month of a period',
    document,
    async handler(context, { query }) {
      const request = { ...requestOf(query), granularity: granularityOf(query.granularity) }
      return trendOf(await trend(context, request), query.granularity, query.metrics)
    },
  })
}

function addExport(server: FastifyInstance, prefix: string, document: Shown): void {
  addRoute(server, {
    signIn: 'key',
    scope: 'analytics:export',
    method: 'POST',
    url: `${prefix}/export`,
    rate: 'counted',
    bodyKind: 'json',
    bodyLimit: 64 * 1024,
    body: schema.exportBody,
    response: { 202: schema.startedAnswer },
    summary: 'Start the export of a report',
    document,
    async handler(context, { body, headers }, reply) {
      const { dateFrom, dateTo, timezone, report, format, limit, compare, metrics } = body
      const started = await startReport(context, {
        dateFrom,
        dateTo,
        timezone,
        report,
        format,
        limit,
        compare,
        metrics,
        granularity: granularityOf(body.granularity),
        filters: filtersOf(body),
        idempotencyKey: [headers['idempotency-key']].flat()[0],
      })
      return reply.code(202).send(startedJob(started))
    },
  })
}

function addExportStatus(server: FastifyInstance, prefix: string, document: Shown): void {
  addRoute(server, {
    ...reading,
    url: `${prefix}/export/:jobId`,
    rate: 'polling',
    params: schema.jobParams,
    response: { 200: schema.jobAnswer },
    summary: 'Status of an export, with the link to its file when it is completed',
    document,
    async handler(context, { params }) {
      const found = await getExport(context, 'analytics', params.jobId)
      return jobOf(found, exportLink(context, found, 0))
    },
  })
}
