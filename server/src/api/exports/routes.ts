import type { FastifyInstance } from 'fastify'
import { getExport } from '../../features/exports/getExport.ts'
import { startExport } from '../../features/exports/startExport.ts'
import { exportLink } from '../../features/exports/exportLink.ts'
import { exportsFailure, exportsFailureShape } from '../errors/exportsFailure.ts'
import { addRoute } from '../http/route.ts'
import type { Surface } from '../http/surface.ts'
import { jobOf, startedJob } from './map.ts'
import * as schema from './schema.ts'

const guarded = { signIn: 'signed', scope: 'analytics:export' } as const
const surface = 'signed-exports'

/** Signed bulk exports: start a job, poll it, download its file by a link. */
export const exportsSurface: Surface = {
  name: 'exports',
  isPublished: true,
  prefixes: ['/api/v1/exports'],
  failure: exportsFailure,
  failureShape: exportsFailureShape,
  register(server) {
    addStart(server)
    addStatus(server)
  },
}

function addStart(server: FastifyInstance): void {
  addRoute(server, {
    ...guarded,
    method: 'POST',
    url: '/api/v1/exports/ai-calls',
    rate: 'counted',
    bodyKind: 'json',
    bodyLimit: 64 * 1024,
    body: schema.startBody,
    response: { 202: schema.startedAnswer },
    summary: 'Start an export of the AI Calls report',
    async handler(context, request, reply) {
      const { format, ...parameters } = request.body
      const key = request.headers['idempotency-key']
      const idempotencyKey = Array.isArray(key) ? key[0] : key
      const started = await startExport(context, {
        surface,
        datasets: ['ai-calls'],
        format,
        parameters,
        idempotencyKey,
      })
      return reply.code(202).send(startedJob(started))
    },
  })
}

function addStatus(server: FastifyInstance): void {
  addRoute(server, {
    ...guarded,
    method: 'GET',
    url: '/api/v1/exports/:jobId',
    rate: 'polling',
    bodyKind: 'none',
    params: schema.jobParams,
    response: { 200: schema.jobAnswer },
    summary: 'Status of an export, with the link to its file when it is completed',
    async handler(context, request) {
      const found = await getExport(context, surface, request.params.jobId)
      return jobOf(found, exportLink(context, found, 0))
    },
  })
}
