import { createHmac, hash, randomBytes, timingSafeEqual } from 'node:crypto'

/** What a new session's cookie holds: 256 random bits. */
export function newSessionToken(): string {
  return randomBytes(32).toString('base64url')
}

/** What is kept of it. Plain SHA-256 is enough for what is random itself. */
export function sessionHash(token: string): Buffer {
  return hash('sha256', token, 'buffer')
}

/**
 * What a page must send back with every change, which no other site can know. It follows from the cookie's content, so
 * that nothing has to be kept.
 */
export function csrfTokenOf(token: string): string {
  return createHmac('sha256', token).update('csrf').digest('base64url')
}

/** Whether a page sent the right one, in constant time. */
export function csrfTokenMatches(token: string, sent: unknown): boolean {
  const expected = Buffer.from(csrfTokenOf(token))
  const actual = Buffer.from(typeof sent === 'string' ? sent : '')
  return actual.length === expected.length && timingSafeEqual(actual, expected)
}
