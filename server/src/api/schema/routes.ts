import { getSchema } from '../../features/schema/getSchema.ts'
import { listSchema } from '../../features/schema/listSchema.ts'
import { plainFailure } from '../errors/fallback.ts'
import { addRoute } from '../http/route.ts'
import type { Surface } from '../http/surface.ts'
import * as schema from './schema.ts'

const guarded = { signIn: 'key', scope: 'calls:read', rate: 'counted', bodyKind: 'none', method: 'GET' } as const

/** The meaning of the data: every collection and dataset with fields and columns. */
export const schemaSurface: Surface = {
  name: 'schema',
  prefixes: ['/v1/schema'],
  failure: plainFailure,
  register(server) {
    addRoute(server, {
      ...guarded,
      url: '/v1/schema',
      response: { 200: schema.schemaAnswer },
      summary: 'Every collection with its fields, every dataset with its columns',
      handler: (context) => ({ data: listSchema(context) }),
    })
    addRoute(server, {
      ...guarded,
      url: '/v1/schema/:name',
      params: schema.schemaParams,
      response: { 200: schema.schemaAnswer },
      summary: 'The collection and the dataset of a name',
      handler: (context, request) => ({ data: getSchema(context, request.params.name) }),
    })
  },
}
