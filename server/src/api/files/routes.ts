import type { FastifyInstance, FastifyReply } from 'fastify'
import { z } from 'zod'
import type { App } from '../../app.ts'
import { findFile, type LinkedFile } from '../../features/files/findFile.ts'
import { readFile } from '../../features/files/readFile.ts'
import { plainFailure } from '../errors/fallback.ts'
import { addRoute } from '../http/route.ts'
import type { Surface } from '../http/surface.ts'
import { entityTag, fileHeaders, rangeOf } from './map.ts'

/** Files by signed links, without any other sign-in. */
export const filesSurface: Surface = {
  name: 'files',
  prefixes: ['/files'],
  failure: plainFailure,
  register(server, app) {
    addDownload(server, app)
  },
}

function addDownload(server: FastifyInstance, app: App): void {
  addRoute(server, {
    signIn: 'link',
    scope: 'none',
    rate: 'free',
    bodyKind: 'none',
    method: ['GET', 'HEAD'],
    url: '/files/:token',
    params: z.object({ token: z.string() }),
    summary: 'Download a file by its signed link; takes one range',
    response: {
      200: { description: 'The file, of the type that it has', content: { '*/*': { schema: z.any() } } },
      206: { description: 'The range that was asked for', content: { '*/*': { schema: z.any() } } },
      416: { description: 'The range lies outside of the file', content: { 'text/plain': { schema: z.string() } } },
    },
    async handler(_context, request, reply) {
      const file = await findFile(app, request.params.token)
      const { range, 'if-range': condition } = request.headers
      // Without If-Range, or when the file is still the one that the client has a part of.
      const wanted = condition === undefined || condition === entityTag(file) ? range : undefined
      return request.method === 'HEAD' ? sendHead(reply, file) : sendFile(app, reply, file, wanted)
    },
  })
}

function sendHead(reply: FastifyReply, file: LinkedFile): FastifyReply {
  return reply.headers(fileHeaders(file)).header('Content-Length', file.bytes).send()
}

async function sendFile(
  app: App,
  reply: FastifyReply,
  file: LinkedFile,
  wanted: string | undefined,
): Promise<FastifyReply> {
  const range = rangeOf(wanted, file.bytes)
  if (range === 'none') {
    return reply
      .code(416)
      .header('Content-Range', `bytes */${file.bytes}`)
      .type('text/plain; charset=utf-8')
      .send(`The file has ${file.bytes} bytes; the range lies outside.\n`)
  }
  const content = await readFile(app, file, range)
  void reply.headers(fileHeaders(file))
  if (range === undefined) return reply.header('Content-Length', file.bytes).send(content)
  const { start, end } = range
  return reply
    .code(206)
    .header('Content-Range', `bytes ${start}-${end}/${file.bytes}`)
    .header('Content-Length', end - start + 1)
    .send(content)
}
