import { createCipheriv, createDecipheriv, createHmac, hash, hkdfSync, randomBytes } from 'node:crypto'
import type { Config } from '../../config.ts'
import { followMasterKeys } from './masterKeys.ts'

/** Encryption under the master key. */
export interface Secrets {
  /**
   * Encrypts a short secret with AES-256-GCM; the result names the master key's id. `purpose` is authenticated with it.
   */
  seal(plain: string, purpose: string): Buffer
  /** Opens what `seal` made for the same purpose; throws when it was altered or its key is unknown. */
  open(sealed: Buffer, purpose: string): string
  /** HMAC-SHA256 under a key derived from the master key, for signed links. */
  sign(text: string, purpose: string): Buffer
  /** The signature of `sign`, then those under each older master key, because links stay valid after a rotation. */
  signatures(text: string, purpose: string): Buffer[]
  /** A fresh data key for a file, and the same key wrapped by the master key, to be stored beside it. */
  newDataKey(): { key: Buffer; wrapped: Buffer }
  wrapDataKey(key: Buffer): Buffer
  /** The data key that `wrapped` holds. */
  unwrapDataKey(wrapped: Buffer): Buffer
  /** Whether a sealed secret or wrapped data key is under the current master key. */
  isCurrent(sealed: Buffer): boolean
}

/** The sealed text looks intact, but no configured master key has its key id. */
export class UnknownMasterKeyError extends Error {}

/** The master keys for reading; the first is also used for writing. */
interface KeyRing {
  now: DerivedKeys
  byId: Map<string, DerivedKeys>
}

/** The keys derived from one master key, one per purpose, so that no ciphertext is valid for another purpose. */
interface DerivedKeys {
  id: Buffer
  seal: Buffer
  wrap: Buffer
  sign: Buffer
}

// A sealed secret: version, key id, nonce, ciphertext, tag.
const version = 1
const idBytes = 4
const nonceBytes = 12
const tagBytes = 16
const headBytes = 1 + idBytes + nonceBytes

/** The master key's id: the first 8 hexadecimal digits of its SHA-256. */
export function masterKeyId(masterKey: Buffer): string {
  return hash('sha256', masterKey, 'hex').slice(0, idBytes * 2)
}

/**
 * Opens the secrets under the configured master keys, or those in the data folder. Throws MasterKeyError when there is
 * none. When another process changes the file in the data folder, the next use reads it again.
 */
export function openSecrets(config: Pick<Config, 'masterKey' | 'dataDirectory'>): Secrets {
  const follow = followMasterKeys(config)
  let keys = follow()
  let ring = ringOf(keys)
  return secretsOver(() => {
    const found = follow()
    if (found !== keys) [keys, ring] = [found, ringOf(found)]
    return ring
  })
}

/** Secrets made under `current`, and readable under it and under each of `older`. */
export function secretsUnder(current: Buffer, older: readonly Buffer[] = []): Secrets {
  const ring = ringOf([current, ...older])
  return secretsOver(() => ring)
}

function ringOf(keys: readonly Buffer[]): KeyRing {
  const [current] = keys
  if (!current) throw new Error('There is no master key.')
  // When two keys share an id, the first one wins, which is the current one.
  return {
    now: deriveKeys(current),
    byId: new Map(keys.toReversed().map((key) => [masterKeyId(key), deriveKeys(key)])),
  }
}

function secretsOver(ring: () => KeyRing): Secrets {
  function keysOf(sealed: Buffer): DerivedKeys {
    const id = keyIdOf(sealed)
    const keys = ring().byId.get(id)
    if (!keys) {
      throw new UnknownMasterKeyError(
        `Sealed under the master key ${id}, which is not configured; set EARSHOT_MASTER_KEY to that key.`,
      )
    }
    return keys
  }
  function wrapDataKey(key: Buffer): Buffer {
    const { now } = ring()
    return encrypt(now.id, now.wrap, key, 'data key')
  }
  return {
    seal(plain, purpose) {
      const { now } = ring()
      return encrypt(now.id, now.seal, Buffer.from(plain, 'utf8'), purpose)
    },
    open: (sealed, purpose) => decrypt(keysOf(sealed).seal, sealed, purpose).toString('utf8'),
    sign: (text, purpose) => signUnder(ring().now, text, purpose),
    signatures(text, purpose) {
      const { now, byId } = ring()
      const older = [...byId.values()].filter((keys) => !keys.id.equals(now.id))
      return [now, ...older].map((keys) => signUnder(keys, text, purpose))
    },
    newDataKey() {
      const key = randomBytes(32)
      return { key, wrapped: wrapDataKey(key) }
    },
    wrapDataKey,
    unwrapDataKey: (wrapped) => decrypt(keysOf(wrapped).wrap, wrapped, 'data key'),
    isCurrent: (sealed) => keyIdOf(sealed) === ring().now.id.toString('hex'),
  }
}

/** The id of the master key that a sealed secret or wrapped data key is under. */
export function keyIdOf(sealed: Buffer): string {
  if (sealed.length < headBytes + tagBytes || sealed[0] !== version) {
    throw new Error('This is not a sealed secret of a version that this program knows.')
  }
  return sealed.toString('hex', 1, 1 + idBytes)
}

function signUnder(keys: DerivedKeys, text: string, purpose: string): Buffer {
  // The length of the purpose prevents two pairs of purpose and text with the same bytes.
  return createHmac('sha256', keys.sign).update(`${purpose.length}:${purpose}:${text}`, 'utf8').digest()
}

function deriveKeys(masterKey: Buffer): DerivedKeys {
  const derive = (use: string) => Buffer.from(hkdfSync('sha256', masterKey, '', `earshot ${use}`, 32))
  return {
    id: Buffer.from(masterKeyId(masterKey), 'hex'),
    seal: derive('seal'),
    wrap: derive('wrap'),
    sign: derive('sign'),
  }
}

function encrypt(id: Buffer, key: Buffer, plain: Buffer, purpose: string): Buffer {
  const nonce = randomBytes(nonceBytes)
  const head = Buffer.concat([Buffer.of(version), id, nonce])
  const cipher = createCipheriv('aes-256-gcm', key, nonce)
  cipher.setAAD(Buffer.concat([head, Buffer.from(purpose, 'utf8')]))
  return Buffer.concat([head, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

function decrypt(key: Buffer, sealed: Buffer, purpose: string): Buffer {
  const head = sealed.subarray(0, headBytes)
  const tagStart = sealed.length - tagBytes
  const decipher = createDecipheriv('aes-256-gcm', key, head.subarray(1 + idBytes), { authTagLength: tagBytes })
  decipher.setAAD(Buffer.concat([head, Buffer.from(purpose, 'utf8')]))
  decipher.setAuthTag(sealed.subarray(tagStart))
  return Buffer.concat([decipher.update(sealed.subarray(headBytes, tagStart)), decipher.final()])
}
