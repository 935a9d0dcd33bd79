import type { FastifyInstance } from 'fastify'
import type { z } from 'zod'
import { createUser } from '../../features/users/createUser.ts'
import { listUsers } from '../../features/users/listUsers.ts'
import { updateUser } from '../../features/users/updateUser.ts'
import type { User } from '../../features/users/user.ts'
import { addRoute } from '../http/route.ts'
import * as schema from './userSchema.ts'

const guarded = { signIn: 'key', scope: 'admin', rate: 'counted' } as const

/** The users of the caller's account, who sign in to the console. */
export function addUserRoutes(server: FastifyInstance): void {
  addRoute(server, {
    ...guarded,
    method: 'GET',
    url: '/v1/admin/users',
    bodyKind: 'none',
    summary: 'All users of the account',
    response: { 200: schema.userList },
    async handler(context) {
      const users = await listUsers(context)
      return { data: users.map(userAnswer) }
    },
  })
  addRoute(server, {
    ...guarded,
    method: 'POST',
    url: '/v1/admin/users',
    bodyKind: 'json',
    body: schema.createUserBody,
    summary: 'Create a user with no more rights than your own',
    response: { 201: schema.user },
    handler: async (context, request, reply) =>
      reply.code(201).send(userAnswer(await createUser(context, { ...request.body, mustChangePassword: true }))),
  })
  addRoute(server, {
    ...guarded,
    method: 'PATCH',
    url: '/v1/admin/users/:id',
    bodyKind: 'json',
    params: schema.userParams,
    body: schema.updateUserBody,
    summary: "Change a user's name, role or password, disable or enable them",
    response: { 200: schema.user },
    handler: async (context, request) =>
      userAnswer(await updateUser(context, { userId: request.params.id, ...request.body })),
  })
}

function userAnswer(user: User): z.input<typeof schema.user> {
  return {
    id: user.id,
    email: user.email,
    name: user.name,
    role: user.role,
    disabledAt: user.disabledAt?.toISOString() ?? null,
    lastSignInAt: user.lastSignInAt?.toISOString() ?? null,
    createdAt: user.createdAt.toISOString(),
  }
}
