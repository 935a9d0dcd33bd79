import type { FastifyInstance } from 'fastify'
import type { Ports } from '../../ports.ts'
import { deleteRecord } from '../../features/ingest/deleteRecord.ts'
import { ingestRecords } from '../../features/ingest/ingestRecords.ts'
import { replaceTurns } from '../../features/ingest/replaceTurns.ts'
import { plainFailure } from '../errors/fallback.ts'
import { addRoute } from '../http/route.ts'
import type { Surface } from '../http/surface.ts'
import { bodyOf, headerText } from './map.ts'
import { addRecordingRoutes } from './recordingRoute.ts'
import { countedAnswer, countRefusedRequests } from './refusals.ts'
import * as schema from './schema.ts'

const guarded = { signIn: 'key', scope: 'ingest:write', rate: 'ingest' } as const

/** Ingestion of records. */
export const ingestSurface: Surface = {
  name: 'ingest',
  prefixes: ['/v1/ingest'],
  failure: plainFailure,
  register(server, ports) {
    countRefusedRequests(server)
    addIngestion(server, ports)
    addReplacement(server, ports)
    addDeletion(server)
    addRecordingRoutes(server, ports)
  },
}

function addIngestion(server: FastifyInstance, ports: Ports): void {
  addRoute(server, {
    ...guarded,
    method: 'POST',
    url: '/v1/ingest/:collection',
    bodyKind: 'raw',
    bodyLimit: ports.config.ingestMaxBytes,
    params: schema.collectionParams,
    query: schema.ingestQuery,
    response: { 200: schema.counts },
    summary: 'Send records: a JSON object, a JSON array or NDJSON, optionally gzipped',
    async handler(context, request) {
      const counts = await ingestRecords(context, {
        collection: request.params.collection,
        body: bodyOf(request.body, request.headers),
        skipsFaults: request.query.onError === 'skip',
        isDryRun: request.query.dryRun,
        isAnnounced: request.query.announce,
        idempotencyKey: headerText(request.headers['idempotency-key']),
      })
      return countedAnswer(request, counts)
    },
  })
}

function addReplacement(server: FastifyInstance, ports: Ports): void {
  addRoute(server, {
    ...guarded,
    method: 'PUT',
    url: '/v1/ingest/calls/:id/turns',
    bodyKind: 'raw',
    bodyLimit: ports.config.ingestMaxBytes,
    params: schema.callParams,
    query: schema.replaceQuery,
    response: { 200: schema.counts },
    summary: 'Replace all turns of a call, such as interim turns by final ones',
    async handler(context, request) {
      const counts = await replaceTurns(context, {
        callId: request.params.id,
        body: bodyOf(request.body, request.headers),
        isDryRun: request.query.dryRun,
        idempotencyKey: headerText(request.headers['idempotency-key']),
      })
      return countedAnswer(request, counts)
    },
  })
}

function addDeletion(server: FastifyInstance): void {
  addRoute(server, {
    ...guarded,
    method: 'DELETE',
    url: '/v1/ingest/:collection/:id',
    bodyKind: 'none',
    params: schema.recordParams,
    response: { 200: schema.deletion },
    summary: 'Delete a record for good, a call with all its parts',
    async handler(context, request) {
      const deleted = await deleteRecord(context, request.params.collection, request.params.id)
      return { data: { deleted } }
    },
  })
}
