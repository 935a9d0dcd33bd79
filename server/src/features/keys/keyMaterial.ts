import { hash, randomBytes } from 'node:crypto'

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const keyStart = 'ak_live_'
const keyCharacters = 32

/** Generates an API key: `ak_live_` and 32 letters and digits, about 190 bits. */
export function newApiKey(): string {
  let characters = ''
  while (characters.length < keyCharacters) {
    for (const byte of randomBytes(keyCharacters)) {
      // Bytes beyond the last whole multiple of the alphabet are skipped, because they would favour its first letters.
      if (byte < 248 && characters.length < keyCharacters) characters += alphabet.charAt(byte % alphabet.length)
    }
  }
  return keyStart + characters
}

/** Generates an HMAC secret: `hmac_` and 43 url-safe characters, 256 bits. */
export function newHmacSecret(): string {
  return `hmac_${randomBytes(32).toString('base64url')}`
}

/** Returns the part of a key that is displayed. */
export function prefixOf(apiKey: string): string {
  return apiKey.slice(0, keyStart.length + 6)
}

/** Returns the stored hash of a key. Plain SHA-256 suffices for a random key and is cheap enough for every request. */
export function keyHash(apiKey: string): Buffer {
  return hash('sha256', apiKey, 'buffer')
}

/** The encryption purposes of secrets; each names its owner, so that a secret cannot be moved to another owner. */
export function hmacPurpose(keyId: string): string {
  return `hmac:${keyId}`
}

export function jwtPurpose(accountUuid: string): string {
  return `jwt:${accountUuid}`
}
