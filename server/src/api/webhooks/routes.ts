import type { FastifyInstance } from 'fastify'
import { createEndpoint } from '../../features/webhooks/createEndpoint.ts'
import { deleteEndpoint } from '../../features/webhooks/deleteEndpoint.ts'
import { disableEndpoint } from '../../features/webhooks/disableEndpoint.ts'
import { enableEndpoint } from '../../features/webhooks/enableEndpoint.ts'
import { getDelivery } from '../../features/webhooks/getDelivery.ts'
import { getEndpoint } from '../../features/webhooks/getEndpoint.ts'
import { listDeliveries } from '../../features/webhooks/listDeliveries.ts'
import { listEndpoints } from '../../features/webhooks/listEndpoints.ts'
import { resendDeliveries } from '../../features/webhooks/resendDeliveries.ts'
import { resendDelivery } from '../../features/webhooks/resendDelivery.ts'
import { rotateEndpointSecret } from '../../features/webhooks/rotateEndpointSecret.ts'
import { testEndpoint } from '../../features/webhooks/testEndpoint.ts'
import { updateEndpoint } from '../../features/webhooks/updateEndpoint.ts'
import { callsFailure, callsFailureShape } from '../errors/callsFailure.ts'
import { addRoute, nothing } from '../http/route.ts'
import type { Surface } from '../http/surface.ts'
import { createdAnswer, deliveryAnswer, endpointAnswer, queuedAnswer, resentAnswer, rotatedAnswer } from './map.ts'
import * as schema from './schema.ts'

const guarded = { signIn: 'key', scope: 'webhooks:manage', rate: 'counted' } as const

/** Webhooks: endpoints, their events and deliveries. */
export const webhooksSurface: Surface = {
  name: 'webhooks',
  isPublished: true,
  prefixes: ['/api/v1/webhooks'],
  failure: callsFailure,
  failureShape: callsFailureShape,
  register(server) {
    addEndpoints(server)
    addEndpoint(server)
    addSwitches(server)
    addSecretRotation(server)
    addDeliveries(server)
    addSending(server)
  },
}

function addEndpoints(server: FastifyInstance): void {
  addRoute(server, {
    ...guarded,
    method: 'POST',
    url: '/api/v1/webhooks',
    bodyKind: 'json',
    body: schema.createBody,
    response: { 201: schema.createdEndpoint },
    summary: 'Subscribe an address to events',
    async handler(context, request, reply) {
      const { url, events, secret, description, active } = request.body
      const input = {
        url,
        events,
        secret: secret ?? undefined,
        description: description ?? null,
        isActive: active ?? true,
      }
      const { endpoint, generatedSecret } = await createEndpoint(context, input)
      return reply.code(201).send(createdAnswer(endpoint, generatedSecret))
    },
  })
  addRoute(server, {
    ...guarded,
    method: 'GET',
    url: '/api/v1/webhooks',
    bodyKind: 'none',
    response: { 200: schema.endpointList },
    summary: 'All webhook endpoints of the account, without their secrets',
    handler: async (context) => ({ webhooks: (await listEndpoints(context)).map(endpointAnswer) }),
  })
}

function addEndpoint(server: FastifyInstance): void {
  const one = { ...guarded, url: '/api/v1/webhooks/:id', params: schema.endpointParams } as const
  addRoute(server, {
    ...one,
    method: 'GET',
    bodyKind: 'none',
    response: { 200: schema.endpoint },
    summary: 'One webhook endpoint',
    handler: async (context, request) => endpointAnswer(await getEndpoint(context, request.params.id)),
  })
  addRoute(server, {
    ...one,
    method: 'PATCH',
    bodyKind: 'json',
    body: schema.updateBody,
    response: { 200: schema.endpoint },
    summary: 'Change the url, events or description of a webhook endpoint',
    handler: async (context, request) => endpointAnswer(await updateEndpoint(context, request.params.id, request.body)),
  })
  addRoute(server, {
    ...one,
    method: 'DELETE',
    bodyKind: 'none',
    summary: 'Delete a webhook endpoint; nothing more is sent to it',
    response: { 204: nothing },
    async handler(context, request, reply) {
      await deleteEndpoint(context, request.params.id)
      return reply.code(204).send()
    },
  })
}

function addSwitches(server: FastifyInstance): void {
  for (const [verb, change, summary] of [
    ['enable', enableEndpoint, 'Send to a webhook endpoint again'],
    ['disable', disableEndpoint, 'Stop sending to a webhook endpoint; new events pass it by'],
  ] as const) {
    addRoute(server, {
      ...guarded,
      method: 'POST',
      url: `/api/v1/webhooks/:id/${verb}`,
      bodyKind: 'none',
      params: schema.endpointParams,
      response: { 200: schema.endpoint },
      summary,
      handler: async (context, request) => endpointAnswer(await change(context, request.params.id)),
    })
  }
}

function addSecretRotation(server: FastifyInstance): void {
  addRoute(server, {
    ...guarded,
    method: 'POST',
    url: '/api/v1/webhooks/:id/rotate-secret',
    bodyKind: 'json',
    params: schema.endpointParams,
    body: schema.rotateBody,
    response: { 200: schema.rotatedSecret },
    summary: 'Give a webhook endpoint a new secret; the old one also signs during the overlap',
    async handler(context, request) {
      const { secret: given, overlap_seconds: overlapSeconds } = request.body
      const input = { overlapSeconds, ...(given ? { secret: given } : {}) }
      const { endpoint, secret, previousUntil } = await rotateEndpointSecret(context, request.params.id, input)
      return rotatedAnswer(endpoint, { secret: given ? undefined : secret, previousUntil })
    },
  })
}

function addDeliveries(server: FastifyInstance): void {
  addRoute(server, {
    ...guarded,
    method: 'GET',
    url: '/api/v1/webhooks/:id/deliveries',
    bodyKind: 'none',
    params: schema.endpointParams,
    query: schema.deliveriesQuery,
    response: { 200: schema.deliveryList },
    summary: 'Deliveries to a webhook endpoint, newest first; kept for 30 days',
    async handler(context, request) {
      const { limit, cursor, status } = request.query
      const page = await listDeliveries(context, request.params.id, { limit, cursor, status })
      return { data: page.deliveries.map(deliveryAnswer), next_cursor: page.nextCursor ?? null }
    },
  })
  addRoute(server, {
    ...guarded,
    method: 'GET',
    url: '/api/v1/webhooks/:id/deliveries/:deliveryId',
    bodyKind: 'none',
    params: schema.deliveryParams,
    response: { 200: schema.deliveryDetail },
    summary: 'One delivery with its body',
    async handler(context, request) {
      const { id: endpointId, deliveryId } = request.params
      const { delivery, payload } = await getDelivery(context, { endpointId, deliveryId })
      return { ...deliveryAnswer(delivery), payload: JSON.parse(payload) as Record<string, unknown> }
    },
  })
}

function addSending(server: FastifyInstance): void {
  addRoute(server, {
    ...guarded,
    method: 'POST',
    url: '/api/v1/webhooks/:id/test',
    bodyKind: 'none',
    params: schema.endpointParams,
    response: { 202: schema.queuedDelivery },
    summary: 'Send an event webhook.test to one endpoint',
    async handler(context, request, reply) {
      return reply.code(202).send(queuedAnswer(await testEndpoint(context, request.params.id)))
    },
  })
  addRoute(server, {
    ...guarded,
    method: 'POST',
    url: '/api/v1/webhooks/:id/deliveries/:deliveryId/resend',
    bodyKind: 'none',
    params: schema.deliveryParams,
    response: { 202: schema.queuedDelivery },
    summary: 'Send the event of a delivery again, with the same id',
    async handler(context, request, reply) {
      const { id: endpointId, deliveryId } = request.params
      return reply.code(202).send(queuedAnswer(await resendDelivery(context, { endpointId, deliveryId })))
    },
  })
  addRoute(server, {
    ...guarded,
    method: 'POST',
    url: '/api/v1/webhooks/:id/resend',
    bodyKind: 'json',
    params: schema.endpointParams,
    body: schema.resendBody,
    response: { 202: schema.resent },
    summary: 'Send the events of a time range again',
    async handler(context, request, reply) {
      const { since, until, status } = request.body
      const range = { since, until: until ?? undefined, status: status ?? undefined }
      return reply.code(202).send(resentAnswer(await resendDeliveries(context, request.params.id, range)))
    },
  })
}
