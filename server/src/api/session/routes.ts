import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { Ports } from '../../ports.ts'
import { AppError } from '../../errors.ts'
import { endSession } from '../../features/sessions/endSession.ts'
import { sessionLifetimeMs, type SessionState } from '../../features/sessions/sessionStates.ts'
import { csrfTokenOf } from '../../features/sessions/sessionToken.ts'
import { startSession } from '../../features/sessions/startSession.ts'
import { verifySession } from '../../features/sessions/verifySession.ts'
import { refuseForeignPage, requestSession, sessionCookie, sessionTokenOf } from '../http/sessionSignIn.ts'
import { plainFailure } from '../errors/fallback.ts'
import { addRoute, nothing } from '../http/route.ts'
import type { Surface } from '../http/surface.ts'
import { addPasswordRoute } from './passwordRoute.ts'
import * as schema from './schema.ts'
import { addOwnSessionRoutes } from './sessionRoutes.ts'

// The routes check the cookie themselves, because signing in happens without one and signing out needs no scope.
const open = { url: '/v1/session', signIn: 'none', scope: 'none', rate: 'free', atFullDisk: true } as const

/** Sign-in to the console, and sign-out. */
export const sessionSurface: Surface = {
  name: 'session',
  prefixes: ['/v1/session', '/v1/sessions'],
  failure: plainFailure,
  register(server, ports) {
    addSignIn(server, ports)
    addPasswordRoute(server, ports)
    addOwnSessionRoutes(server, ports)
    addRoute(server, {
      ...open,
      method: 'GET',
      bodyKind: 'none',
      summary: 'The signed-in caller and its rights',
      response: { 200: schema.session },
      async handler(_context, request) {
        const token = requiredToken(ports, request)
        return server.slowDown.guard(request.ip, async () =>
          sessionAnswer(await requestSession(ports, request, token), token),
        )
      },
    })
    addRoute(server, {
      ...open,
      method: 'DELETE',
      bodyKind: 'none',
      summary: 'Sign out',
      response: { 204: nothing },
      async handler(_context, request, reply) {
        const token = requiredToken(ports, request)
        await server.slowDown.guard(request.ip, () => requestSession(ports, request, token))
        await endSession(ports, token)
        return reply
          .header('Set-Cookie', sessionCookie(ports, undefined, 0))
          .code(204)
          .send()
      },
    })
  },
}

function addSignIn(server: FastifyInstance, ports: Ports): void {
  addRoute(server, {
    ...open,
    method: 'POST',
    bodyKind: 'json',
    bodyLimit: 16 * 1024,
    body: schema.signInBody,
    summary: 'Sign in with an API key, or with an e-mail address and a password; the answer sets the cookie',
    response: { 201: schema.session },
    async handler(_context, request, reply) {
      refuseForeignPage(request)
      // A form on another site cannot send this type, so it cannot sign anybody in.
      if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
        throw new AppError('UNSUPPORTED_MEDIA_TYPE', 'Send the body as Content-Type: application/json.')
      }
      const userAgent = request.headers['user-agent'] ?? ''
      const token = await server.slowDown.guard(request.ip, () =>
        startSession(ports, { ...request.body, address: request.ip, userAgent }),
      )
      const before = sessionTokenOf(ports, request)
      if (before !== undefined) await endSession(ports, before)
      const state = await verifySession(ports, token)
      return reply
        .header('Set-Cookie', sessionCookie(ports, token, sessionLifetimeMs(ports) / 1000))
        .code(201)
        .send(sessionAnswer(state, token))
    },
  })
}

function requiredToken(ports: Ports, request: Pick<FastifyRequest, 'headers'>): string {
  const token = sessionTokenOf(ports, request)
  if (token === undefined) throw new AppError('INVALID_API_KEY', 'Nobody is signed in.')
  return token
}

function sessionAnswer(state: SessionState, token: string): z.input<typeof schema.session> {
  return {
    account: state.account,
    subject: state.subject,
    scopes: [...state.scopes],
    mustChangePassword: state.mustChangePassword,
    csrfToken: csrfTokenOf(token),
    expiresAt: state.expiresAt.toISOString(),
  }
}
