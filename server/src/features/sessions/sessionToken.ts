import { createHmac, hash, randomBytes, timingSafeEqual } from 'node:crypto'

/** Generates the content of a session cookie: 256 random bits. */
export function newSessionToken(): string {
  return randomBytes(32).toString('base64url')
}

/** Returns the stored hash of a cookie. Plain SHA-256 suffices for random content. */
export function sessionHash(token: string): Buffer {
  return hash('sha256', token, 'buffer')
}

/**
 * Returns the CSRF token, which pages send with every change and other sites cannot know. It is derived from the
 * cookie, so it needs no storage.
 */
export function csrfTokenOf(token: string): string {
  return createHmac('sha256', token).update('csrf').digest('base64url')
}

/** Checks a CSRF token in constant time. */
export function csrfTokenMatches(token: string, sent: unknown): boolean {
  const expected = Buffer.from(csrfTokenOf(token))
  const actual = Buffer.from(typeof sent === 'string' ? sent : '')
  return actual.length === expected.length && timingSafeEqual(actual, expected)
}
