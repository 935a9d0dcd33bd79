import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { readChanges } from '../../features/changes/readChanges.ts'
import { packedStream } from '../http/compression.ts'
import { linkHeader } from '../http/links.ts'
import { addRoute } from '../http/route.ts'
import { refusalSince } from '../http/stillAdmitted.ts'
import type { Surface } from '../http/surface.ts'
import { createAdmissionWatch, type AdmissionWatch } from './admissionWatch.ts'
import { contentTypes, failure, formatOf } from './map.ts'
import { endOfServer, goneSignal, failWhenStalled } from './reader.ts'
import * as schema from './schema.ts'
import { addStream } from './streamRoute.ts'

/** All changes in order, for clients that keep a copy. */
export const changesSurface: Surface = {
  name: 'changes',
  prefixes: ['/v1/changes'],
  failure,
  register(server, ports) {
    const admissions = createAdmissionWatch(endOfServer(server))
    addChanges(server, admissions)
    addStream(server, ports, admissions)
  },
}

function addChanges(server: FastifyInstance, admissions: AdmissionWatch): void {
  addRoute(server, {
    signIn: 'key',
    scope: 'calls:read',
    rate: 'counted',
    bodyKind: 'none',
    method: 'GET',
    url: '/v1/changes/:collection',
    params: schema.changesParams,
    query: schema.changesQuery,
    response: { 200: schema.changesFile },
    summary: 'What changed in a collection after a cursor, deletions included',
    description:
      'NDJSON or Parquet, in the order of change. X-Next-Cursor is where the next page begins, X-Has-More whether there is more already. A cursor that is too old is answered 410: begin without one.',
    async handler(context, request, reply) {
      const { cursor, limit, fields, wait } = request.query
      const format = request.query.format ?? formatOf(request.headers)
      const asked = request.query.compression
      const end = new AbortController()
      const unwatch = admissions.add(context.ports, request, end)
      const page = await readChanges(context, {
        collection: request.params.collection,
        cursor,
        limit,
        fields,
        format,
        parquetCompression: asked ?? 'zstd',
        waitMs: wait * 1000,
        signal: AbortSignal.any([end.signal, goneSignal(reply)]),
      }).finally(unwatch)
      // The caller may have lost its rights while it waited.
      const refusal = wait > 0 ? await refusalSince(context.ports, request, 'calls:read') : undefined
      if (refusal) throw refusal
      void reply.headers({
        'Content-Type': contentTypes[format],
        'X-Next-Cursor': page.nextCursor,
        'X-Has-More': String(page.hasMore),
        Vary: 'Accept, Accept-Encoding',
      })
      const next = { rel: 'next', parameter: 'cursor', value: page.nextCursor } as const
      const links = linkHeader(context.publicUrl, request.raw.url ?? '', [next])
      if (links !== undefined) void reply.header('Link', links)
      const content = Readable.from(failWhenStalled(page.content, reply), { objectMode: false })
      // A Parquet file is compressed already; without `compression` the frame compresses according to the headers.
      if (format === 'parquet' || asked === undefined) return reply.send(content)
      if (asked === 'none') return reply.header('Content-Encoding', 'identity').send(content)
      return reply.send(packedStream(content, asked, reply))
    },
  })
}
