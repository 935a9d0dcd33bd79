import { randomBytes } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Ports } from '../../ports.ts'
import { AppError } from '../../errors.ts'
import { findHits } from '../../features/calls/findHits.ts'
import { plainFailure } from '../errors/fallback.ts'
import { addRoute } from '../http/route.ts'
import type { Surface } from '../http/surface.ts'
import { addOverviewRoutes } from './overviewRoutes.ts'
import { readPageFiles, type PageFile } from './pageFiles.ts'
import { consolePaths } from './paths.ts'
import { addReviewRoutes } from './reviewRoutes.ts'
import * as schema from './schema.ts'

const open = {
  signIn: 'none',
  scope: 'none',
  rate: 'free',
  bodyKind: 'none',
  quiet: true,
  document: { hide: true },
} as const

// The file names hold a hash of the content.
const neverChanges = 'public, max-age=31536000, immutable'
const aDay = 'public, max-age=86400'

/** The console's pages and files, and its data beside the published APIs. */
export const consoleSurface: Surface = {
  name: 'console',
  prefixes: ['/v1/console'],
  failure: plainFailure,
  register(server, ports) {
    const built = readPageFiles()
    for (const url of consolePaths) {
      addRoute(server, { ...open, method: 'GET', url, handler: (_, __, reply) => sendPage(ports, built?.page, reply) })
    }
    addRoute(server, {
      ...open,
      method: 'GET',
      url: '/assets/:name',
      params: schema.assetParams,
      handler: (_, request, reply) =>
        sendFile(built?.files.get(`/assets/${request.params.name}`), neverChanges, request, reply),
    })
    addRoute(server, {
      ...open,
      method: 'GET',
      url: '/favicon.svg',
      handler: (_, request, reply) => sendFile(built?.files.get('/favicon.svg'), aDay, request, reply),
    })
    addRoute(server, {
      method: 'GET',
      url: '/v1/console/hits',
      signIn: 'key',
      scope: 'calls:read',
      rate: 'counted',
      bodyKind: 'none',
      query: schema.hitsQuery,
      response: { 200: schema.hits },
      summary: 'For some calls, the first line in which a searched word occurs',
      handler: async (context, request) => ({
        data: await findHits(context, { callIds: request.query.callIds, search: request.query.q }),
      }),
    })
    addOverviewRoutes(server)
    addReviewRoutes(server)
  },
}

/** The page that loads the console. Its policy allows only the console's own files. */
function sendPage(ports: Ports, page: string | undefined, reply: FastifyReply): FastifyReply {
  if (page === undefined) {
    throw new AppError('UNAVAILABLE', 'The console has not been built; run node bin/setup.js, then start again.')
  }
  const nonce = randomBytes(16).toString('base64')
  return reply
    .type('text/html; charset=utf-8')
    .headers({
      'Content-Security-Policy': policy(nonce, ports.config.publicUrl),
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
    })
    .send(page.replaceAll('EARSHOT_NONCE', nonce))
}

/** The origin of recordings: their links begin with the public address, which may differ from the page's. */
function policy(nonce: string, publicUrl: string): string {
  const media = publicUrl === '' ? "'self'" : `'self' ${new URL(publicUrl).origin}`
  return [
    "default-src 'none'",
    "script-src 'self'",
    // The component library writes its variables into a style element.
    `style-src 'self' 'nonce-${nonce}'`,
    "font-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    `media-src ${media}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}

async function sendFile(
  file: PageFile | undefined,
  caching: string,
  request: Pick<FastifyRequest, 'headers'>,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (!file) throw new AppError('RESOURCE_NOT_FOUND', 'There is no such file; the page may be older than the server.')
  reply.type(file.type).headers({ 'Cache-Control': caching, Vary: 'Accept-Encoding' })
  const takesGzip = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '')
  if (!file.compressed || !takesGzip) return reply.send(file.content)
  return reply.header('Content-Encoding', 'gzip').send(await file.compressed())
}
