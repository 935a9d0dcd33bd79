import type { FastifyInstance } from 'fastify'
import { callDetail } from '../../features/calls/callItem.ts'
import { getCall } from '../../features/calls/getCall.ts'
import { getTranscript } from '../../features/calls/getTranscript.ts'
import { listCalls } from '../../features/calls/listCalls.ts'
import { recordingLink } from '../../features/recordings/recordingLink.ts'
import { callsFailure, callsFailureShape } from '../errors/callsFailure.ts'
import { addRoute } from '../http/route.ts'
import type { Surface } from '../http/surface.ts'
import { listAnswer, listRequest, recordingAnswer, transcriptAnswer } from './map.ts'
import * as schema from './schema.ts'

const read = { method: 'GET', signIn: 'key', scope: 'calls:read', rate: 'counted', bodyKind: 'none' } as const

/** Calls, their transcripts and recordings. */
export const callsSurface: Surface = {
  name: 'calls',
  isPublished: true,
  prefixes: ['/api/v1/calls'],
  failure: callsFailure,
  failureShape: callsFailureShape,
  register(server) {
    addList(server)
    addDetail(server)
    addTranscript(server)
    addRecording(server)
  },
}

function addList(server: FastifyInstance): void {
  addRoute(server, {
    ...read,
    url: '/api/v1/calls',
    query: schema.listQuery,
    response: { 200: schema.list },
    summary: 'A page of calls',
    async handler(context, request) {
      const asked = listRequest(request.query)
      return listAnswer(asked, await listCalls(context, asked))
    },
  })
}

function addDetail(server: FastifyInstance): void {
  addRoute(server, {
    ...read,
    url: '/api/v1/calls/:callId',
    params: schema.callParams,
    response: { 200: schema.detail },
    summary: 'One call',
    async handler(context, request) {
      const { id, values } = await getCall(context, request.params.callId)
      return callDetail(id, values)
    },
  })
}

function addTranscript(server: FastifyInstance): void {
  addRoute(server, {
    ...read,
    url: '/api/v1/calls/:callId/transcript',
    params: schema.callParams,
    response: { 200: schema.transcript },
    summary: 'Transcript of a call; of a live call as far as it is known',
    async handler(context, request) {
      const { callId } = request.params
      return transcriptAnswer(callId, await getTranscript(context, callId))
    },
  })
}

function addRecording(server: FastifyInstance): void {
  addRoute(server, {
    ...read,
    url: '/api/v1/calls/:callId/recording',
    params: schema.callParams,
    response: { 200: schema.recording },
    summary: "A link to a call's recording, valid for an hour",
    async handler(context, request) {
      return recordingAnswer(await recordingLink(context, request.params.callId))
    },
  })
}
