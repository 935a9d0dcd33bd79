import type { FastifyInstance } from 'fastify'
import type { Context } from '../../context.ts'
import { findCustomersByContact } from '../../features/customers/findCustomersByContact.ts'
import { cancelExport } from '../../features/exports/cancelExport.ts'
import type { Export } from '../../features/exports/export.ts'
import { exportLink } from '../../features/exports/exportLink.ts'
import { getExport } from '../../features/exports/getExport.ts'
import { listExports } from '../../features/exports/listExports.ts'
import { startExport } from '../../features/exports/startExport.ts'
import { plainFailure } from '../errors/fallback.ts'
import { addRoute } from '../http/route.ts'
import type { Surface } from '../http/surface.ts'
import { jobOf, requestOf } from './map.ts'
import * as schema from './schema.ts'

const guarded = { signIn: 'key', scope: 'analytics:export' } as const

/** Exports of any dataset in any format, and the list of all exports of the account, whatever API started them. */
export const exportJobsSurface: Surface = {
  name: 'export-jobs',
  prefixes: ['/v1/exports'],
  failure: plainFailure,
  register(server) {
    addStart(server)
    addList(server)
    addOne(server)
    addCancel(server)
  },
}

function addStart(server: FastifyInstance): void {
  addRoute(server, {
    ...guarded,
    method: 'POST',
    url: '/v1/exports',
    rate: 'counted',
    bodyKind: 'json',
    bodyLimit: 64 * 1024,
    body: schema.startBody,
    response: { 202: schema.jobAnswer },
    summary: 'Start an export; with an Idempotency-Key a repetition gets the first one again',
    async handler(context, request, reply) {
      const wanted = requestOf(request.body)
      const { contact } = request.body
      const customers = contact === undefined ? {} : { customerIds: await findCustomersByContact(context, contact) }
      const key = request.headers['idempotency-key']
      const started = await startExport(context, {
        ...wanted,
        surface: 'export-jobs',
        parameters: { ...wanted.parameters, ...customers },
        idempotencyKey: Array.isArray(key) ? key[0] : key,
        asked: request.body,
      })
      return reply.code(202).send({ data: await shown(context, started) })
    },
  })
}

function addList(server: FastifyInstance): void {
  addRoute(server, {
    ...guarded,
    method: 'GET',
    url: '/v1/exports',
    rate: 'polling',
    bodyKind: 'none',
    query: schema.listQuery,
    response: { 200: schema.jobList },
    summary: "The account's exports of the last 72 hours, of every API, newest first",
    async handler(context, request) {
      const { exports, nextCursor } = await listExports(context, 'all', request.query)
      return {
        data: await Promise.all(exports.map((found) => shown(context, found))),
        nextCursor: nextCursor ?? null,
      }
    },
  })
}

function addOne(server: FastifyInstance): void {
  addRoute(server, {
    ...guarded,
    method: 'GET',
    url: '/v1/exports/:exportId',
    rate: 'polling',
    bodyKind: 'none',
    params: schema.exportParams,
    response: { 200: schema.jobAnswer },
    summary: 'One export, with its files and their links once it is completed',
    handler: async (context, request) => ({
      data: await shown(context, await getExport(context, 'all', request.params.exportId)),
    }),
  })
}

function addCancel(server: FastifyInstance): void {
  addRoute(server, {
    ...guarded,
    method: 'DELETE',
    url: '/v1/exports/:exportId',
    rate: 'counted',
    bodyKind: 'none',
    params: schema.exportParams,
    response: { 200: schema.jobAnswer },
    summary: 'Cancel an export that has not ended',
    handler: async (context, request) => ({
      data: await shown(context, await cancelExport(context, 'all', request.params.exportId)),
    }),
  })
}

async function shown(context: Context, found: Export) {
  const position = found.status === 'queued' ? await context.ports.jobs.queuePositionOf(found.jobId) : undefined
  return jobOf(found, position, (index) => exportLink(context, found, index))
}
