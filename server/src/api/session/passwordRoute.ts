import type { FastifyInstance } from 'fastify'
import type { Ports } from '../../ports.ts'
import { AppError } from '../../errors.ts'
import { changeOwnPassword } from '../../features/users/changeOwnPassword.ts'
import { addRoute, nothing } from '../http/route.ts'
import { requestSession, sessionActor, sessionTokenOf } from '../http/sessionSignIn.ts'
import * as schema from './schema.ts'

/** Changes the caller's own password; needs no scope. */
export function addPasswordRoute(server: FastifyInstance, ports: Ports): void {
  addRoute(server, {
    // The route checks the cookie itself, as those of the session do.
    signIn: 'none',
    scope: 'none',
    rate: 'free',
    method: 'POST',
    url: '/v1/session/password',
    atFullDisk: true,
    bodyKind: 'json',
    bodyLimit: 16 * 1024,
    body: schema.passwordBody,
    summary: 'Change your password; your other sessions end',
    response: { 204: nothing },
    async handler(_context, request, reply) {
      const sessionToken = sessionTokenOf(ports, request)
      if (sessionToken === undefined) throw new AppError('INVALID_API_KEY', 'Nobody is signed in.')
      try {
        const state = await requestSession(ports, request, sessionToken)
        const context = { ports, accountId: state.accountId, actor: sessionActor(state) }
        await changeOwnPassword(context, { ...request.body, sessionToken })
      } catch (error) {
        // A stolen session must not allow guessing the password.
        if (error instanceof AppError && error.code !== 'CONFLICT') await server.slowDown.failed(request.ip)
        throw error
      }
      return reply.code(204).send()
    },
  })
}
