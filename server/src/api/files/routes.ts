import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import type { Ports } from '../../ports.ts'
import { findFile } from '../../features/files/findFile.ts'
import { plainFailure } from '../errors/fallback.ts'
import { fileAnswers, sendFile } from '../http/fileAnswer.ts'
import { addRoute } from '../http/route.ts'
import type { Surface } from '../http/surface.ts'

/** Files by signed links, without other sign-in. */
export const filesSurface: Surface = {
  name: 'files',
  prefixes: ['/files'],
  failure: plainFailure,
  register(server, ports) {
    addDownload(server, ports)
  },
}

function addDownload(server: FastifyInstance, ports: Ports): void {
  addRoute(server, {
    signIn: 'link',
    scope: 'none',
    rate: 'free',
    bodyKind: 'none',
    method: ['GET', 'HEAD'],
    url: '/files/:token/:name',
    params: z.object({ token: z.string(), name: z.string() }),
    summary: 'Download a file by its signed link; supports one range and If-None-Match',
    response: fileAnswers,
    async handler(_context, request, reply) {
      return sendFile(ports, request, reply, await findFile(ports, request.params))
    },
  })
}
