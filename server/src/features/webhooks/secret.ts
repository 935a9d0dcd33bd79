import { randomBytes } from 'node:crypto'

const standardPrefix = 'whsec_'
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/
const minKeyBytes = 16

/** Generates a signing secret in the Standard Webhooks format: `whsec_` and 32 random bytes in base64. */
export function newWebhookSecret(): string {
  return `${standardPrefix}${randomBytes(32).toString('base64')}`
}

/**
 * Returns the key of the Standard Webhooks signature: the decoded base64 after `whsec_`, otherwise the UTF-8 bytes of
 * the secret.
 */
export function standardKey(secret: string): Buffer {
  const encoded = encodedPart(secret)
  return encoded && base64.test(encoded) ? Buffer.from(encoded, 'base64') : Buffer.from(secret, 'utf8')
}

/** Returns why a secret that the client chose is invalid; undefined when it is valid. */
export function secretFault(secret: string): string | undefined {
  const encoded = encodedPart(secret)
  if (encoded !== undefined && !base64.test(encoded)) {
    return 'must be base64 (A-Z a-z 0-9 + /) after whsec_, which the verifiers decode; leave the prefix out for any other text'
  }
  return standardKey(secret).length < minKeyBytes ? `must be a key of at least ${minKeyBytes} bytes` : undefined
}

function encodedPart(secret: string): string | undefined {
  return secret.startsWith(standardPrefix) ? secret.slice(standardPrefix.length) : undefined
}

/** Returns the encryption purpose of an endpoint's secrets. */
export function webhookPurpose(endpointId: string): string {
  return `webhook:${endpointId}`
}
