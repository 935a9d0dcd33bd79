import type { FastifyInstance } from 'fastify'
import { showAccount } from '../../features/accounts/showAccount.ts'
import { updateAccount } from '../../features/accounts/updateAccount.ts'
import { createKey } from '../../features/keys/createKey.ts'
import { listKeys } from '../../features/keys/listKeys.ts'
import { revokeKey } from '../../features/keys/revokeKey.ts'
import { rotateKey } from '../../features/keys/rotateKey.ts'
import { plainFailure } from '../errors/fallback.ts'
import { addRoute, nothing } from '../http/route.ts'
import type { Surface } from '../http/surface.ts'
import { addFeedRoutes } from './feedRoutes.ts'
import { addHealthRoute } from './healthRoute.ts'
import { addHoldRoutes } from './holdRoutes.ts'
import { addIngestionRoutes } from './ingestionRoute.ts'
import { accountAnswer, keyAnswer, newKeyAnswer } from './map.ts'
import * as schema from './schema.ts'
import { addUserRoutes } from './userRoutes.ts'

const guarded = { signIn: 'key', scope: 'admin', rate: 'counted' } as const

/** Management of the caller's own account and its keys. */
export const adminSurface: Surface = {
  name: 'admin',
  prefixes: ['/v1/admin'],
  failure: plainFailure,
  register(server) {
    addKeyRoutes(server)
    addKeyChanges(server)
    addAccountRoutes(server)
    addFeedRoutes(server)
    addHealthRoute(server)
    addHoldRoutes(server)
    addIngestionRoutes(server)
    addUserRoutes(server)
  },
}

function addKeyRoutes(server: FastifyInstance): void {
  addRoute(server, {
    ...guarded,
    method: 'GET',
    url: '/v1/admin/keys',
    bodyKind: 'none',
    summary: 'All API keys of the account, without their secrets',
    response: { 200: schema.keyList },
    async handler(context) {
      const keys = await listKeys(context)
      return { data: keys.map(keyAnswer) }
    },
  })
  addRoute(server, {
    ...guarded,
    method: 'POST',
    url: '/v1/admin/keys',
    bodyKind: 'json',
    body: schema.createKeyBody,
    summary: 'Create an API key with no more scopes than your own; its secrets are shown only once',
    response: { 201: schema.newKey },
    async handler(context, request, reply) {
      const key = await createKey(context, request.body)
      return reply.code(201).send(newKeyAnswer(key))
    },
  })
}

function addKeyChanges(server: FastifyInstance): void {
  addRoute(server, {
    ...guarded,
    method: 'POST',
    url: '/v1/admin/keys/:id/rotate',
    bodyKind: 'json',
    params: schema.keyParams,
    body: schema.rotateKeyBody,
    summary: 'Replace an API key; the old key keeps working for the overlap',
    response: { 201: schema.newKey },
    async handler(context, request, reply) {
      const { overlapSeconds } = request.body
      const key = await rotateKey(context, { keyId: request.params.id, overlapSeconds })
      return reply.code(201).send(newKeyAnswer(key))
    },
  })
  addRoute(server, {
    ...guarded,
    method: 'DELETE',
    url: '/v1/admin/keys/:id',
    atFullDisk: true,
    bodyKind: 'none',
    params: schema.keyParams,
    summary: 'Revoke an API key and its JWTs at once',
    response: { 204: nothing },
    async handler(context, request, reply) {
      await revokeKey(context, { keyId: request.params.id })
      return reply.code(204).send()
    },
  })
}

function addAccountRoutes(server: FastifyInstance): void {
  addRoute(server, {
    ...guarded,
    method: 'GET',
    url: '/v1/admin/account',
    bodyKind: 'none',
    summary: 'Your account',
    response: { 200: schema.account },
    handler: async (context) => accountAnswer(await showAccount(context)),
  })
  addRoute(server, {
    ...guarded,
    method: 'PATCH',
    url: '/v1/admin/account',
    bodyKind: 'json',
    body: schema.accountBody,
    summary: 'Change the time zone, country or retention of your account',
    response: { 200: schema.account },
    handler: async (context, request) => accountAnswer(await updateAccount(context, request.body)),
  })
}
