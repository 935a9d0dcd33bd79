import { createHmac, hash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { AppError } from '../../errors.ts'

const largestSkewSeconds = 300

/** The signature of a request. Its timestamp is checked; the signature itself is not yet. */
export interface GivenSignature {
  timestamp: string
  signature: string
}

/** Whether a request claims to be signed. */
export function claimsSignature(headers: IncomingHttpHeaders): boolean {
  return headers['x-signature'] !== undefined || headers['x-timestamp'] !== undefined
}

/** Reads the signature headers and checks the timestamp, which needs no body. */
export function givenSignature(headers: IncomingHttpHeaders, nowMs: number): GivenSignature {
  const timestamp = headers['x-timestamp']
  if (typeof timestamp !== 'string' || !/^\d{1,15}$/.test(timestamp)) {
    throw new AppError(
      'INVALID_SIGNATURE',
      'X-Timestamp is missing or is not a number; send the time in seconds since 1970.',
    )
  }
  // Both sides are whole seconds, so a difference of exactly 300 seconds is valid.
  if (Math.abs(Math.floor(nowMs / 1000) - Number(timestamp)) > largestSkewSeconds) {
    throw new AppError(
      'TIMESTAMP_EXPIRED',
      `X-Timestamp is more than ${largestSkewSeconds} seconds off; set the clock and sign each request when it is sent.`,
    )
  }
  const signature = headers['x-signature']
  if (typeof signature !== 'string' || signature === '') {
    throw new AppError('INVALID_SIGNATURE', 'X-Signature is missing; this request must be signed.')
  }
  return { timestamp, signature }
}

/** The signed text: the timestamp, the method, the path as it was sent without its query, and the body's hash. */
export function canonicalText(timestamp: string, method: string, path: string, bodyHash: string): string {
  return `${timestamp}.${method}.${path}.${bodyHash}`
}

/** Base64 of the SHA-256 of the raw body. */
export function bodyHashOf(body: Uint8Array): string {
  return hash('sha256', body, 'base64')
}

/** The signature that a client with this secret would send. */
export function signatureOf(secret: string, canonical: string): string {
  return createHmac('sha256', secret).update(canonical, 'utf8').digest('base64')
}

/** The path of a request target as sent, without its query, neither decoded nor normalised. */
export function pathAsSent(target: string): string {
  const end = target.indexOf('?')
  return (end < 0 ? target : target.slice(0, end)) || '/'
}

/** Refuses a signature that does not match. */
export function checkSignature(
  given: GivenSignature,
  secret: string,
  request: { method: string; target: string; bodyHash: string },
): void {
  const canonical = canonicalText(given.timestamp, request.method, pathAsSent(request.target), request.bodyHash)
  const expected = Buffer.from(signatureOf(secret, canonical), 'latin1')
  const actual = Buffer.from(given.signature, 'latin1')
  // The length may be compared first, because every valid signature has the same length.
  if (actual.length !== expected.length || !timingSafeEqual(actual, expected)) {
    throw new AppError(
      'INVALID_SIGNATURE',
      'X-Signature does not match; it must be base64 of HMAC-SHA256 over "timestamp.METHOD.path.base64(sha256(body))".',
    )
  }
}
