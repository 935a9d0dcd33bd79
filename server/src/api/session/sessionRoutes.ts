import type { FastifyInstance } from 'fastify'
import type { Ports } from '../../ports.ts'
import { AppError } from '../../errors.ts'
import { endOwnSession, listOwnSessions, sessionIdOf } from '../../features/sessions/ownSessions.ts'
import { addRoute, nothing } from '../http/route.ts'
import { requestSession, sessionActor, sessionTokenOf } from '../http/sessionSignIn.ts'
import * as schema from './schema.ts'

// The routes check the cookie themselves, as those of the session do.
const open = { signIn: 'none', scope: 'none', rate: 'free', bodyKind: 'none' } as const

/** Lists and ends the caller's sessions. */
export function addOwnSessionRoutes(server: FastifyInstance, ports: Ports): void {
  const callerOf = (request: Parameters<typeof sessionTokenOf>[1] & { method: string; ip: string }) => {
    const token = sessionTokenOf(ports, request)
    if (token === undefined) throw new AppError('INVALID_API_KEY', 'Nobody is signed in.')
    return server.slowDown.guard(request.ip, async () => {
      const state = await requestSession(ports, request, token)
      return { id: sessionIdOf(state.hash), context: { ports, accountId: state.accountId, actor: sessionActor(state) } }
    })
  }
  addRoute(server, {
    ...open,
    method: 'GET',
    url: '/v1/sessions',
    summary: 'Your sessions in the console',
    response: { 200: schema.sessionList },
    async handler(_context, request) {
      const { id, context } = await callerOf(request)
      const sessions = await listOwnSessions(context)
      return {
        data: sessions.map((session) => ({
          id: session.id,
          isCurrent: session.id === id,
          userAgent: session.userAgent,
          createdAt: session.createdAt.toISOString(),
          lastSeenAt: session.lastSeenAt.toISOString(),
          expiresAt: session.expiresAt.toISOString(),
        })),
      }
    },
  })
  addRoute(server, {
    ...open,
    method: 'DELETE',
    url: '/v1/sessions/:id',
    params: schema.sessionParams,
    summary: 'End one of your sessions',
    response: { 204: nothing },
    async handler(_context, request, reply) {
      const { context } = await callerOf(request)
      await endOwnSession(context, request.params.id)
      return reply.code(204).send()
    },
  })
}
