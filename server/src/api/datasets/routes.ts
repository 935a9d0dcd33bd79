import type { FastifyInstance } from 'fastify'
import type { Context } from '../../context.ts'
import { findCustomersByContact } from '../../features/customers/findCustomersByContact.ts'
import type { Export } from '../../features/exports/export.ts'
import { exportLink } from '../../features/exports/exportLink.ts'
import { getExport } from '../../features/exports/getExport.ts'
import { listExports } from '../../features/exports/listExports.ts'
import { startExport } from '../../features/exports/startExport.ts'
import { addRoute } from '../http/route.ts'
import type { Surface } from '../http/surface.ts'
import { contactOf, datasetsOf, failure, rangeOf, startedOf, statusOf } from './map.ts'
import * as schema from './schema.ts'

const guarded = { signIn: 'key', scope: 'analytics:export', bodyKind: 'none' } as const
const surface = 'datasets'
const maxHistoryEntries = 100

/** Dataset exports: engagements, customers, turns, reviews and agents of up to 24 hours as CSV files. */
export const datasetsSurface: Surface = {
  name: 'datasets',
  isPublished: true,
  prefixes: ['/api/v1/export'],
  failure,
  failureShape: schema.failureAnswer,
  register(server) {
    addStart(server)
    addStatus(server)
    addHistory(server)
  },
}

function addStart(server: FastifyInstance): void {
  addRoute(server, {
    ...guarded,
    method: 'POST',
    url: '/api/v1/export',
    rate: 'counted',
    query: schema.startQuery,
    response: { 200: schema.startedAnswer },
    summary: 'Start an export of the datasets of up to 24 hours; a body is ignored',
    async handler(context, { query }) {
      const range = rangeOf(query)
      const datasets = datasetsOf(query)
      const contact = contactOf(query)
      const customerIds = contact === undefined ? undefined : await findCustomersByContact(context, contact)
      const parameters = { ...range, customerIds }
      return startedOf(
        await startExport(context, { surface, datasets, format: 'csv', parameters, idempotencyKey: undefined }),
      )
    },
  })
}

function addStatus(server: FastifyInstance): void {
  addRoute(server, {
    ...guarded,
    method: 'GET',
    url: '/api/v1/export/:exportId/status',
    rate: 'polling',
    params: schema.exportParams,
    response: { 200: schema.statusAnswer },
    summary: 'Status of an export, with links to its files when it is completed; every answer signs the links anew',
    handler: async (context, request) => shown(context, await getExport(context, surface, request.params.exportId)),
  })
}

function addHistory(server: FastifyInstance): void {
  addRoute(server, {
    ...guarded,
    method: 'GET',
    url: '/api/v1/export/history',
    rate: 'polling',
    response: { 200: schema.historyAnswer },
    summary: `The newest exports, at most ${maxHistoryEntries}, newest first`,
    handler: async (context) =>
      (await listExports(context, surface, { limit: maxHistoryEntries })).exports.map((found) => shown(context, found)),
  })
}

function shown(context: Context, found: Export) {
  return statusOf(found, (index) => exportLink(context, found, index))
}
