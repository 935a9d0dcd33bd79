import type { FastifyRequest } from 'fastify'
import type { Ports } from '../../ports.ts'
import type { Actor } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { csrfTokenMatches } from '../../features/sessions/sessionToken.ts'
import type { SessionState } from '../../features/sessions/sessionStates.ts'
import { verifySession } from '../../features/sessions/verifySession.ts'

const tokenForm = /^[A-Za-z0-9_-]{43}$/
const safeMethods = new Set(['GET', 'HEAD', 'OPTIONS'])

/** Whether browsers reach this server over TLS, so that the cookie may be bound to it. */
function isSecure(ports: Ports): boolean {
  return ports.config.publicUrl.startsWith('https:') || ports.config.tlsCertificate !== ''
}

/** The cookie's name. With `__Host-` browsers take it from this host alone, not from one beside it. */
function cookieName(ports: Ports): string {
  return isSecure(ports) ? '__Host-earshot' : 'earshot_session'
}

/** A Set-Cookie header that keeps a session's token; with no token one that removes it. */
export function sessionCookie(ports: Ports, token: string | undefined, maxAgeSeconds: number): string {
  const parts = [`${cookieName(ports)}=${token ?? ''}`, 'Path=/', 'HttpOnly', 'SameSite=Strict']
  if (isSecure(ports)) parts.push('Secure')
  parts.push(`Max-Age=${token === undefined ? 0 : maxAgeSeconds}`)
  return parts.join('; ')
}

/** The token in a request's cookie, undefined when there is none of the right form. */
export function sessionTokenOf(ports: Ports, request: Pick<FastifyRequest, 'headers'>): string | undefined {
  const start = `${cookieName(ports)}=`
  const found = (request.headers.cookie ?? '')
    .split(';')
    .map((part) => part.trim())
    .find((part) => part.startsWith(start))
    ?.slice(start.length)
  return found !== undefined && tokenForm.test(found) ? found : undefined
}

/** Whether a request brings an API key or a JWT, which count before a cookie. */
export function bringsKey(request: Pick<FastifyRequest, 'headers'>): boolean {
  return request.headers['x-api-key'] !== undefined || request.headers.authorization !== undefined
}

/** Refuses requests that the browser marks as cross-site. */
export function refuseForeignPage(request: Pick<FastifyRequest, 'headers'>): void {
  const site = request.headers['sec-fetch-site']
  if (site === undefined || site === 'same-origin' || site === 'none') return
  throw new AppError('CSRF_TOKEN_INVALID', 'A session works on the pages of this server only, not on those of others.')
}

/** The session of a request. The request must come from the same site, and a change must carry the CSRF token. */
export async function requestSession(
  ports: Ports,
  request: Pick<FastifyRequest, 'headers' | 'method'>,
  token: string,
): Promise<SessionState> {
  refuseForeignPage(request)
  const state = await verifySession(ports, token)
  if (!safeMethods.has(request.method) && !csrfTokenMatches(token, request.headers['x-csrf-token'])) {
    throw new AppError(
      'CSRF_TOKEN_INVALID',
      'X-CSRF-Token is missing or wrong; send csrfToken of GET /v1/session with every change.',
    )
  }
  return state
}

/** The caller of a session. */
export function sessionActor({ subject, scopes }: SessionState): Actor {
  return subject.kind === 'key'
    ? { kind: 'key', keyId: subject.id, scopes }
    : { kind: 'user', userId: subject.id, scopes }
}
