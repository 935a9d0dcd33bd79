import { Readable } from 'node:stream'
import { readFeed } from '../../features/feed/readFeed.ts'
import { linkHeader } from '../http/links.ts'
import { addRoute } from '../http/route.ts'
import type { Surface } from '../http/surface.ts'
import { failure, feedRequestOf, pageLinksOf } from './map.ts'
import * as schema from './schema.ts'

// A page of usual rows is taken from the engine at once, so that a slow reader holds none of its connections.
const readAheadBytes = 8 * 1024 * 1024

/** The call feed: what is loaded into a warehouse page by page. */
export const feedSurface: Surface = {
  name: 'feed',
  isPublished: true,
  prefixes: ['/v1/sa'],
  failure,
  failureShape: schema.failureAnswer,
  register(server) {
    addRoute(server, {
      signIn: 'key',
      scope: 'calls:read',
      rate: 'counted',
      method: 'GET',
      url: '/v1/sa/call',
      bodyKind: 'none',
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
  },
}
