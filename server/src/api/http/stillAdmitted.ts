import type { FastifyRequest } from 'fastify'
import type { Ports } from '../../ports.ts'
import { allows, type Scope } from '../../domain/scopes.ts'
import { AppError } from '../../errors.ts'
import { verifyKey } from '../../features/keys/verifyKey.ts'
import { sessionStates } from '../../features/sessions/sessionStates.ts'
import { presentedBy } from '../auth/apiKey.ts'
import { bringsKey, sessionTokenOf } from './sessionSignIn.ts'

/**
 * For long answers: the error that would refuse the request's key or session now; undefined if it is still admitted.
 * The check does not prolong a session. Throws when the control database is away.
 */
export async function refusalSince(
  ports: Ports,
  request: Pick<FastifyRequest, 'headers'>,
  scope: Scope,
): Promise<AppError | undefined> {
  try {
    if (allows(await scopesNow(ports, request), scope)) return undefined
    return new AppError('INSUFFICIENT_SCOPE', `The scope ${scope} was taken away.`)
  } catch (error) {
    if (error instanceof AppError && error.code !== 'UNAVAILABLE') return error
    throw error
  }
}

async function scopesNow(ports: Ports, request: Pick<FastifyRequest, 'headers'>): Promise<readonly Scope[]> {
  const token = bringsKey(request) ? undefined : sessionTokenOf(ports, request)
  if (token === undefined) return (await verifyKey(ports, presentedBy(request.headers))).scopes
  const session = await sessionStates(ports).byToken(token)
  if (session) return session.scopes
  throw new AppError('INVALID_API_KEY', 'The session has ended; sign in again.')
}
