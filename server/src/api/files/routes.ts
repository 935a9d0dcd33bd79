import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { App } from '../../app.ts'
import { findFile } from '../../features/files/findFile.ts'
import { plainFailure } from '../errors/fallback.ts'
import { fileAnswers, sendFile } from '../http/fileAnswer.ts'
import { addRoute } from '../http/route.ts'
import type { Surface } from '../http/surface.ts'

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
    url: '/files/:token/:name',
    params: z.object({ token: z.string(), name: z.string() }),
    summary: 'Download a file by its signed link; takes one range, and If-None-Match',
    response: fileAnswers,
    async handler(_context, request, reply) {
      return sendFile(app, request, reply, await findFile(app, request.params))
    },
  })
}
