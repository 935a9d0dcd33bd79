import { randomBytes } from 'node:crypto'

const standardSecret = /^whsec_((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)$/

/** A new signing secret in the form of the Standard Webhooks: `whsec_` and 32 random bytes in base64. */
export function newWebhookSecret(): string {
  return `whsec_${randomBytes(32).toString('base64')}`
}

/** The key of the Standard Webhooks signature: what `whsec_` and base64 stand for, else the secret's own UTF-8 bytes. */
export function standardKey(secret: string): Buffer {
  const encoded = standardSecret.exec(secret)?.[1]
  return encoded ? Buffer.from(encoded, 'base64') : Buffer.from(secret, 'utf8')
}

/** The purpose under which an endpoint's secrets are sealed. */
export function webhookPurpose(endpointId: string): string {
  return `webhook:${endpointId}`
}
