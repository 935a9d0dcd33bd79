import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import type { Ports } from '../../ports.ts'
import { readFeed } from '../../features/feed/readFeed.ts'
import { getRecording } from '../../features/recordings/getRecording.ts'
import { recordingFile } from '../../features/recordings/recording.ts'
import { recordingLink } from '../../features/recordings/recordingLink.ts'
import { fileAnswers, sendFile } from '../http/fileAnswer.ts'
import { linkHeader } from '../http/links.ts'
import { addRoute } from '../http/route.ts'
import type { Surface } from '../http/surface.ts'
import { failure, feedRequestOf, pageLinksOf } from './map.ts'
import * as schema from './schema.ts'

// A usual page is read from the engine at once, so that a slow reader does not hold a connection.
const readAheadBytes = 8 * 1024 * 1024

/** The call feed: calls page by page, for loading into a warehouse. */
export const feedSurface: Surface = {
  name: 'feed',
  isPublished: true,
  prefixes: ['/v1/sa', '/v1/data'],
  failure,
  failureShape: schema.failureAnswer,
  register(server, ports) {
    addPages(server)
    addRecordingFile(server, ports)
    addRecordingLink(server)
  },
}

const guarded = { signIn: 'key', scope: 'calls:read', rate: 'counted', bodyKind: 'none' } as const

function addPages(server: FastifyInstance): void {
  addRoute(server, {
    ...guarded,
    method: 'GET',
    url: '/v1/sa/call',
    query: schema.feedQuery,
    response: {
      200: {
        description: 'Calls, with X-Total-Count and Link',
        content: { 'application/json': { schema: schema.feedAnswer }, 'text/csv': { schema: schema.feedFile } },
      },
    },
    summary: 'A page of calls as JSON or CSV',
    description:
      'Answers with X-Total-Count and Link. Pages are counted after the filters; afterCallId stays as it is over a run.',
    async handler(context, request, reply) {
      const asked = feedRequestOf(request.query, request.headers.accept)
      const page = await readFeed(context, asked)
      const links = linkHeader(context.publicUrl, request.raw.url ?? '', pageLinksOf(asked, page))
      if (links !== undefined) void reply.header('Link', links)
      return reply
        .type(page.contentType)
        .header('X-Total-Count', String(page.total))
        .header('Vary', 'Accept')
        .send(Readable.from(page.body, { objectMode: false, highWaterMark: readAheadBytes }))
    },
  })
}

function addRecordingFile(server: FastifyInstance, ports: Ports): void {
  addRoute(server, {
    ...guarded,
    method: ['GET', 'HEAD'],
    url: '/v1/data/:recordingId/file',
    params: schema.recordingParams,
    response: fileAnswers,
    summary: 'The audio of a recording by its id in the feed; supports one range',
    async handler(context, request, reply) {
      const recording = await getRecording(context, request.params.recordingId)
      return sendFile(ports, request, reply, recordingFile(recording))
    },
  })
}

function addRecordingLink(server: FastifyInstance): void {
  addRoute(server, {
    ...guarded,
    method: 'GET',
    url: '/v1/data/:recordingId/file/url',
    params: schema.recordingParams,
    response: { 200: schema.recordingUrl },
    summary: 'A link to the audio of a recording; it needs no sign-in and is valid for an hour',
    async handler(context, request) {
      const recording = await getRecording(context, request.params.recordingId)
      return { url: (await recordingLink(context, recording.call_id)).url }
    },
  })
}
