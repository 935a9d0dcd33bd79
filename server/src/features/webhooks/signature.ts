import { createHmac } from 'node:crypto'
import { standardKey } from './secret.ts'

/** The parts of a delivery that the signatures cover. */
export interface SignedParts {
  eventId: string
  /** Time of this attempt, in seconds since 1970. */
  timestampSeconds: number
  /** The raw body. */
  body: Buffer
  /** The current secret first, then the previous one during its overlap. */
  secrets: readonly [string, ...string[]]
}

/**
 * Returns both signatures. `X-Aurion-Signature` has room for one: the hex HMAC-SHA256 of the body under the current
 * secret as given. `webhook-signature` has one for each secret, over id, timestamp and body, as Standard Webhooks
 * specifies.
 */
export function signatureHeaders({ eventId, timestampSeconds, body, secrets }: SignedParts): Record<string, string> {
  const head = `${eventId}.${timestampSeconds}.`
  const standard = secrets.map(
    (secret) => `v1,${createHmac('sha256', standardKey(secret)).update(head).update(body).digest('base64')}`,
  )
  return {
    'x-aurion-signature': `sha256=${createHmac('sha256', secrets[0]).update(body).digest('hex')}`,
    'webhook-id': eventId,
    'webhook-timestamp': String(timestampSeconds),
    'webhook-signature': standard.join(' '),
  }
}
