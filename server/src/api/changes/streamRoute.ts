import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import type { Ports } from '../../ports.ts'
import { followChanges } from '../../features/changes/followChanges.ts'
import { addRoute } from '../http/route.ts'
import type { AdmissionWatch } from './admissionWatch.ts'
import { eventStream } from './eventStream.ts'
import { createOpenStreams } from './openStreams.ts'
import { failWhenStalled } from './reader.ts'
import * as schema from './schema.ts'

/** The longest silence of a stream; proxies and load balancers allow more. */
const beatMs = 15_000

/** `GET /v1/changes/stream`. */
export function addStream(server: FastifyInstance, ports: Ports, admissions: AdmissionWatch): void {
  const streams = createOpenStreams(admissions, ports.metrics)
  const told = (changes: number): void => ports.metrics.streamEvents.add({}, changes)
  addRoute(server, {
    signIn: 'key',
    scope: 'calls:read',
    rate: 'counted',
    bodyKind: 'none',
    lasts: true,
    method: 'GET',
    url: '/v1/changes/stream',
    query: schema.streamQuery,
    response: { 200: schema.streamAnswer },
    summary: 'What changes, as it changes',
    description:
      'Server-Sent Events that go on until the client ends them: each change is an event named after its collection, with the line that the pages give as its data and the place to go on from as its id. From now on, or after the id in Last-Event-ID or cursor. An event live comes once everything there was has come. Opening counts as one request.',
    async handler(context, request, reply) {
      const { collections, callId } = request.query
      const signal = streams.open(context, request, reply)
      const lastEventId = request.headers['last-event-id']
      const cursor = [lastEventId, request.query.cursor].flat().find((text) => text !== undefined && text !== '')
      const steps = await followChanges(context, { collections, callId, cursor, beatMs, signal })
      void reply.headers({ 'Content-Type': 'text/event-stream; charset=utf-8', 'X-Accel-Buffering': 'no' })
      const pieces = failWhenStalled(eventStream(steps, signal, told), reply)
      return reply.send(Readable.from(pieces, { objectMode: false }))
    },
  })
}
