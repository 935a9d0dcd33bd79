import { createCipheriv, createDecipheriv, createHmac, hash, hkdfSync, randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../config.ts'
import { ConfigError } from '../config.ts'

/** Encryption under the master key. */
export interface Secrets {
  /** Encrypts a short secret with AES-256-GCM; the result names the master key's id. `purpose` is authenticated with it. */
  seal(plain: string, purpose: string): Buffer
  /** Opens what `seal` made for the same purpose; throws when it was altered or its key is unknown. */
  open(sealed: Buffer, purpose: string): string
  /** HMAC-SHA256 under a key derived from the master key, for signed links. */
  sign(text: string, purpose: string): Buffer
  /** A fresh data key for a file, and the same key wrapped by the master key, to be stored beside it. */
  newDataKey(): { key: Buffer; wrapped: Buffer }
  /** The data key that `wrapped` holds. */
  unwrapDataKey(wrapped: Buffer): Buffer
}

/** The keys drawn from one master key, one a use, so that no use can stand in for another. */
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

/** Opens the secrets under the configured master key, or the one kept in the data folder (made when there is none). */
export function openSecrets(config: Pick<Config, 'masterKey' | 'dataDirectory'>): Secrets {
  const current = config.masterKey === '' ? keptMasterKey(config.dataDirectory) : Buffer.from(config.masterKey, 'hex')
  return secretsUnder(current)
}

/** Secrets made under `current`, and readable under it and under each of `older`. */
export function secretsUnder(current: Buffer, older: readonly Buffer[] = []): Secrets {
  const ring = new Map([...older, current].map((key) => [masterKeyId(key), deriveKeys(key)]))
  const now = deriveKeys(current)

  function keysOf(sealed: Buffer): DerivedKeys {
    if (sealed.length < headBytes + tagBytes || sealed[0] !== version) {
      throw new Error('This is not a sealed secret of a version that this program knows.')
    }
    const id = sealed.toString('hex', 1, 1 + idBytes)
    const keys = ring.get(id)
    if (!keys) {
      throw new Error(`Sealed under the master key ${id}, which is not configured; set EARSHOT_MASTER_KEY to that key.`)
    }
    return keys
  }

  return {
    seal: (plain, purpose) => encrypt(now.id, now.seal, Buffer.from(plain, 'utf8'), purpose),
    open: (sealed, purpose) => decrypt(keysOf(sealed).seal, sealed, purpose).toString('utf8'),
    // The purpose's length keeps two pairs of purpose and text from meaning the same bytes.
    sign: (text, purpose) =>
      createHmac('sha256', now.sign).update(`${purpose.length}:${purpose}:${text}`, 'utf8').digest(),
    newDataKey() {
      const key = randomBytes(32)
      return { key, wrapped: encrypt(now.id, now.wrap, key, 'data key') }
    },
    unwrapDataKey: (wrapped) => decrypt(keysOf(wrapped).wrap, wrapped, 'data key'),
  }
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

function keptMasterKey(dataDirectory: string): Buffer {
  const path = join(dataDirectory, 'master.key')
  if (!existsSync(path)) makeMasterKey(dataDirectory, path)
  const text = readFileSync(path, 'utf8').trim()
  if (!/^[0-9a-f]{64}$/.test(text)) {
    throw new ConfigError(`${path} does not hold 64 hexadecimal digits; put the right master key back from a backup.`)
  }
  return Buffer.from(text, 'hex')
}

/** Makes the file whole and durable under another name first: a crash leaves no half key, and of two makers one wins. */
function makeMasterKey(dataDirectory: string, path: string): void {
  mkdirSync(dataDirectory, { recursive: true, mode: 0o700 })
  const draft = `${path}.${randomBytes(6).toString('hex')}`
  const file = openSync(draft, 'wx', 0o600)
  try {
    writeSync(file, `${randomBytes(32).toString('hex')}\n`)
    fsyncSync(file)
    linkUnlessThere(draft, path)
  } finally {
    closeSync(file)
    rmSync(draft, { force: true })
  }
  const folder = openSync(dataDirectory, 'r')
  fsyncSync(folder)
  closeSync(folder)
}

function linkUnlessThere(from: string, to: string): void {
  try {
    linkSync(from, to)
  } catch (error) {
    // Another process was first: its key counts.
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  }
}
