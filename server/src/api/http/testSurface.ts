import { setTimeout as delay } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { errorStatus } from '../../errors.ts'
import { addRoute } from './route.ts'
import type { Surface } from './surface.ts'

const key = { signIn: 'key', scope: 'calls:read', rate: 'counted' } as const

/** A surface with one route of each kind, for the tests of the frame. */
export const testSurface: Surface = {
  name: 'test',
  prefixes: ['/test'],
  failure: (error, requestId) => ({
    status: error.code === 'INTERNAL_ERROR' ? 503 : errorStatus[error.code],
    headers: { 'X-Surface': 'test' },
    body: { failed: error.code, message: error.message, details: error.details, requestId },
  }),
  register(server) {
    addPlainRoutes(server)
    addBodyRoutes(server)
  },
}

function addPlainRoutes(server: FastifyInstance): void {
  addRoute(server, {
    ...key,
    method: 'GET',
    url: '/test/me/:id',
    bodyKind: 'none',
    params: z.object({ id: z.string().max(200) }),
    query: z.strictObject({ limit: z.coerce.number().int().max(100).default(20) }),
    response: { 200: z.object({ accountId: z.number(), id: z.string(), limit: z.number() }) },
    handler: (context, request) => ({
      accountId: context.accountId,
      id: request.params.id,
      limit: request.query.limit,
    }),
  })
  addRoute(server, { ...key, rate: 'polling', method: 'GET', url: '/test/poll', bodyKind: 'none', handler: () => ({}) })
  addRoute(server, {
    signIn: 'none',
    scope: 'none',
    rate: 'free',
    method: 'GET',
    url: '/test/open/*',
    bodyKind: 'none',
    handler: (context) => ({ context: context === undefined ? 'none' : 'some' }),
  })
  addRoute(server, {
    ...key,
    method: 'GET',
    url: '/test/slow',
    bodyKind: 'none',
    handler: () => delay(300, {}),
  })
  addRoute(server, {
    ...key,
    method: 'GET',
    url: '/test/crash',
    bodyKind: 'none',
    handler() {
      throw new Error('duplicate key: "secret@example.com"')
    },
  })
}

function addBodyRoutes(server: FastifyInstance): void {
  const body = z.strictObject({ name: z.string(), age: z.number().optional(), tags: z.array(z.string()).optional() })
  addRoute(server, {
    ...key,
    signIn: 'signed',
    method: 'POST',
    url: '/test/signed',
    bodyKind: 'json',
    body,
    handler: (_context, request) => ({ name: request.body.name }),
  })
  addRoute(server, {
    ...key,
    method: 'POST',
    url: '/test/json',
    bodyKind: 'json',
    body,
    handler: (_context, request) => ({ name: request.body.name }),
  })
  addRoute(server, {
    ...key,
    rate: 'ingest',
    method: 'PUT',
    url: '/test/raw',
    bodyKind: 'raw',
    bodyLimit: 1000,
    handler: (_context, request) => ({ bytes: request.body.length }),
  })
  addRoute(server, {
    ...key,
    method: 'PUT',
    url: '/test/stream',
    bodyKind: 'stream',
    bodyLimit: 50_000_000,
    async handler(_context, request) {
      let bytes = 0
      for await (const chunk of request.body) bytes += chunk.length
      return { bytes }
    },
  })
}
