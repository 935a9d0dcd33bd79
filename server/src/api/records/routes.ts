import { getRecord } from '../../features/records/getRecord.ts'
import { listRecords } from '../../features/records/listRecords.ts'
import { getWaveform } from '../../features/recordings/getWaveform.ts'
import { addRoute } from '../http/route.ts'
import type { Surface } from '../http/surface.ts'
import { failure } from './map.ts'
import * as schema from './schema.ts'

const guarded = { signIn: 'key', scope: 'calls:read', rate: 'counted' } as const

/** Records as sent, with derived values. */
export const recordsSurface: Surface = {
  name: 'records',
  prefixes: ['/v1/records'],
  failure,
  register(server) {
    addRoute(server, {
      ...guarded,
      method: 'GET',
      url: '/v1/records/:collection',
      bodyKind: 'none',
      params: schema.listParams,
      query: schema.listQuery,
      response: { 200: schema.list },
      summary: 'A page of a collection',
      async handler(context, request) {
        const { limit, cursor, callId } = request.query
        const page = await listRecords(context, { collection: request.params.collection, limit, cursor, callId })
        return { data: page.records, nextCursor: page.nextCursor ?? null }
      },
    })
    addRoute(server, {
      ...guarded,
      method: 'GET',
      url: '/v1/records/:collection/:id',
      bodyKind: 'none',
      params: schema.recordParams,
      query: schema.recordQuery,
      response: { 200: schema.single },
      summary: 'One record; a call with the requested parts',
      async handler(context, request) {
        const { collection, id } = request.params
        return { data: await getRecord(context, { collection, key: id, include: request.query.include }) }
      },
    })
    addRoute(server, {
      ...guarded,
      method: 'GET',
      url: '/v1/records/calls/:id/waveform',
      bodyKind: 'none',
      params: schema.callParams,
      response: { 200: schema.waveform },
      summary: "The waveform of a call's recording",
      async handler(context, request) {
        return { data: await getWaveform(context, request.params.id) }
      },
    })
  },
}
