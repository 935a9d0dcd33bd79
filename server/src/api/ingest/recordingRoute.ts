import type { FastifyInstance } from 'fastify'
import type { Ports } from '../../ports.ts'
import { deleteRecording } from '../../features/recordings/deleteRecording.ts'
import { recordingFormats } from '../../features/recordings/formats.ts'
import { storeRecording } from '../../features/recordings/storeRecording.ts'
import { addRoute } from '../http/route.ts'
import * as schema from './schema.ts'

/** Stores the recording of a call from a stream, and deletes it. */
export function addRecordingRoutes(server: FastifyInstance, ports: Ports): void {
  addRoute(server, {
    signIn: 'key',
    scope: 'ingest:write',
    rate: 'ingest',
    method: 'PUT',
    url: '/v1/ingest/calls/:id/recording',
    bodyKind: 'stream',
    bodyLimit: ports.config.recordingMaxBytes,
    overLimit: 'a recording comes whole, and the setting EARSHOT_RECORDING_MAX_BYTES says how long it may be',
    params: schema.callParams,
    query: schema.recordingQuery,
    response: { 200: schema.storedRecording },
    summary: 'Send the recording of a call: audio as Ogg, WAV, MP3, WebM, MP4 or FLAC',
    document: {
      consumes: [...recordingFormats.map(({ contentType }) => contentType), 'application/octet-stream'],
    },
    async handler(context, request) {
      const data = await storeRecording(context, {
        callId: request.params.id,
        contentType: request.headers['content-type'],
        content: request.body,
        announcedBytes: Number(request.headers['content-length'] ?? 0),
        durationSeconds: request.query.durationSeconds,
        channels: request.query.channels,
        isAnnounced: request.query.announce,
      })
      return { data }
    },
  })
  addRoute(server, {
    signIn: 'key',
    scope: 'ingest:write',
    rate: 'ingest',
    method: 'DELETE',
    url: '/v1/ingest/calls/:id/recording',
    bodyKind: 'none',
    params: schema.callParams,
    response: { 200: schema.deletion },
    summary: 'Delete the recording of a call; the call stays',
    async handler(context, request) {
      await deleteRecording(context, request.params.id)
      return { data: { deleted: 1 } }
    },
  })
}
