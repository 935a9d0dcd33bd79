import type { FastifyInstance } from 'fastify'
import type { App } from '../../app.ts'
import { storeRecording } from '../../features/recordings/storeRecording.ts'
import { addRoute } from '../http/route.ts'
import * as schema from './schema.ts'

/** A call's recording comes in, as a stream. */
export function addRecordingUpload(server: FastifyInstance, app: App): void {
  addRoute(server, {
    signIn: 'key',
    scope: 'ingest:write',
    rate: 'ingest',
    method: 'PUT',
    url: '/v1/ingest/calls/:id/recording',
    bodyKind: 'stream',
    bodyLimit: app.config.recordingMaxBytes,
    params: schema.callParams,
    query: schema.recordingQuery,
    response: { 200: schema.storedRecording },
    summary: 'Send the recording of a call: audio as Ogg, WAV, MP3, WebM, MP4 or FLAC',
    document: { consumes: ['audio/ogg', 'audio/wav', 'audio/mpeg', 'audio/webm', 'audio/mp4', 'audio/flac'] },
    async handler(context, request) {
      const data = await storeRecording(context, {
        callId: request.params.id,
        contentType: request.headers['content-type'],
        content: request.body,
        durationSeconds: request.query.durationSeconds,
        channels: request.query.channels,
        isAnnounced: request.query.announce,
      })
      return { data }
    },
  })
}
