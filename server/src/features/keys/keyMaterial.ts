import { hash, randomBytes } from 'node:crypto'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const keyStart = 'ak_live_'
const keyCharacters = 32

/** A new API key: `ak_live_` and 32 letters and digits, about 190 bits. */
export function newApiKey(): string {
  let characters = ''
  while (characters.length < keyCharacters) {
    for (const byte of randomBytes(keyCharacters)) {
      // Bytes beyond the last whole multiple of the alphabet would favour its first letters.
      if (byte < 248 && characters.length < keyCharacters) characters += alphabet.charAt(byte % alphabet.length)
    }
  }
  return keyStart + characters
}

/** A new HMAC secret: `hmac_` and 43 url-safe characters, 256 bits. */
export function newHmacSecret(): string {
  return `hmac_${randomBytes(32).toString('base64url')}`
}

/** The part of a key that is shown to people. */
export function prefixOf(apiKey: string): string {
  return apiKey.slice(0, keyStart.length + 6)
}

/** What is kept of a key. Plain SHA-256 is enough for a key that is random itself, and cheap enough for every request. */
export function keyHash(apiKey: string): Buffer {
  return hash('sha256', apiKey, 'buffer')
}

/** The purposes under which secrets are sealed: each names its owner, so that one cannot be put in another's place. */
export function hmacPurpose(keyId: string): string {
  return `hmac:${keyId}`
}

export function jwtPurpose(accountUuid: string): string {
  return `jwt:${accountUuid}`
}
