import type { FastifyInstance } from 'fastify'
import { listHolds } from '../../features/holds/listHolds.ts'
import { releaseHold } from '../../features/holds/releaseHold.ts'
import { setHold } from '../../features/holds/setHold.ts'
import { addRoute, nothing } from '../http/route.ts'
import { holdAnswer } from './map.ts'
import * as schema from './schema.ts'

const guarded = { signIn: 'key', scope: 'admin', rate: 'counted' } as const

/** Legal holds on calls. */
export function addHoldRoutes(server: FastifyInstance): void {
  addRoute(server, {
    ...guarded,
    method: 'GET',
    url: '/v1/admin/holds/calls',
    bodyKind: 'none',
    query: schema.holdQuery,
    summary: 'The calls under a legal hold, by id',
    response: { 200: schema.holdList },
    async handler(context, request) {
      const { holds, nextAfter } = await listHolds(context, request.query)
      return { data: holds.map(holdAnswer), nextAfter: nextAfter ?? null }
    },
  })
  addRoute(server, {
    ...guarded,
    method: 'PUT',
    url: '/v1/admin/holds/calls/:id',
    bodyKind: 'json',
    params: schema.holdParams,
    body: schema.holdBody,
    summary: 'Put a call under a legal hold: no request and no retention deletes it, its parts or its recording',
    response: { 200: schema.hold },
    async handler(context, request) {
      const hold = await setHold(context, { callId: request.params.id, reason: request.body.reason })
      return { data: holdAnswer(hold) }
    },
  })
  addRoute(server, {
    ...guarded,
    method: 'DELETE',
    url: '/v1/admin/holds/calls/:id',
    bodyKind: 'none',
    params: schema.holdParams,
    summary: 'Release the hold on a call',
    response: { 204: nothing },
    async handler(context, request, reply) {
      await releaseHold(context, { callId: request.params.id })
      return reply.code(204).send()
    },
  })
}
