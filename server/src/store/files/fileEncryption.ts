import { createCipheriv, createDecipheriv } from 'node:crypto'
import { keyIdOf, UnknownMasterKeyError, type Secrets } from '../secrets/secrets.ts'
import { DamagedFileError } from './files.ts'

/*
 * A stored file: a header, then chunks of ciphertext, each with its own tag.
 *
 *   header   'EARSHOT' · version (1 byte) · chunk size (4) · length of a wrapped key (2) · two slots for a wrapped key
 *   chunk    AES-256-GCM of up to `chunk size` plain bytes · tag (16)
 *
 * The nonce of a chunk holds its position and whether it is the last; version, chunk size and the name of the file are
 * authenticated with every chunk, so a file that was cut, reordered, extended or swapped with another does not open. A
 * data key serves only one file, which makes counting nonces safe. An empty file is one empty chunk.
 *
 * The two slots hold the same data key: when the master key changes, the data key is wrapped into the free slot before
 * the other is cleared, so that the file opens wherever a write breaks off. A wrapped key authenticates itself.
 * Version 1 had one slot, and authenticated it with every chunk, so such a file must be rewritten as a whole.
 */
const name = Buffer.from('EARSHOT', 'latin1')
const version = 2
const startBytes = name.length + 1
const fixedHeaderBytes = startBytes + 6
const plainChunkBytes = 64 * 1024
const tagBytes = 16

/** Longest header: what must be read of a file before its chunks. */
export const headerBytesLimit = 4096

/** What encrypts or decrypts one file. */
export interface FileCipher {
  header: Buffer
  chunkBytes: number
  /** The data key, as it stands in the header. */
  wrapped: Buffer
  /** Encrypts the chunk at `position` (from 0). */
  seal(plain: Uint8Array, position: number, last: boolean): Buffer
  /** Decrypts the chunk at `position`; throws when anything about it was altered. */
  open(sealed: Uint8Array, position: number, last: boolean): Buffer
}

/** Where the chunks of a stored file lie. */
export interface FileLayout {
  /** Bytes of the plain content. */
  plainBytes: number
  chunks: number
  sealedChunkBytes: number
}

/** A fresh cipher for a new file called `fileName`. */
export function newFileCipher(secrets: Secrets, fileName: string): FileCipher {
  const { key, wrapped } = secrets.newDataKey()
  const header = Buffer.alloc(fixedHeaderBytes + 2 * wrapped.length)
  if (header.length > headerBytesLimit) throw new Error('The wrapped data key is too long for a file header.')
  name.copy(header)
  header.writeUInt8(version, name.length)
  header.writeUInt32BE(plainChunkBytes, startBytes)
  header.writeUInt16BE(wrapped.length, startBytes + 4)
  wrapped.copy(header, fixedHeaderBytes)
  return cipher(key, { header, wrapped, chunkBytes: plainChunkBytes, authenticated: authenticatedOf(header, fileName) })
}

/** The cipher of an existing file, from its first bytes. */
export function readFileCipher(secrets: Secrets, fileName: string, start: Buffer): FileCipher {
  const { header, keySlots } = headerOf(start)
  const chunkBytes = header.readUInt32BE(startBytes)
  if (chunkBytes === 0 || chunkBytes > 1024 * 1024) throw damaged()
  const { key, wrapped } = openKeySlots(secrets, keySlots)
  return cipher(key, { header, wrapped, chunkBytes, authenticated: authenticatedOf(header, fileName) })
}

/**
 * The writes that put a file's data key under the current master key, in their order, each to be made durable: first
 * the wrapped key into the free slot, then zeros into the other. Empty when nothing is to do; undefined for a file that
 * must be rewritten as a whole.
 */
export function rewrapping(secrets: Secrets, start: Buffer): { position: number; bytes: Buffer }[] | undefined {
  const { keySlots } = headerOf(start)
  const { key, wrapped } = openKeySlots(secrets, keySlots)
  const [first, second] = keySlots
  const used = keySlots.findIndex((slot) => slot.equals(wrapped))
  if (!first || !second) return secrets.isCurrent(wrapped) ? [] : undefined
  const positionOf = (slotIndex: number) => fixedHeaderBytes + slotIndex * first.length
  const other = 1 - used
  const clear = { position: positionOf(used), bytes: Buffer.alloc(first.length) }
  if (!secrets.isCurrent(wrapped)) return [{ position: positionOf(other), bytes: secrets.wrapDataKey(key) }, clear]
  // A rewrapping that broke off may have left the older key beside the current one.
  const isClear = keySlots[other]?.every((byte) => byte === 0) ?? true
  return isClear ? [] : [{ ...clear, position: positionOf(other) }]
}

/** The id of the master key that a file needs to be opened, from its first bytes; also when there is no such key. */
export function neededKeyId(secrets: Secrets, start: Buffer): string {
  const { keySlots } = headerOf(start)
  const [best] = filledOf(secrets, keySlots)
  if (!best) throw damaged()
  return keyIdOf(best)
}

/** The header with its slots for wrapped keys: two, or one in a file of version 1. */
function headerOf(start: Buffer): { header: Buffer; keySlots: Buffer[] } {
  if (start.length < fixedHeaderBytes || !start.subarray(0, name.length).equals(name)) throw damaged()
  const found = start.readUInt8(name.length)
  if (found < 1 || found > version) throw damaged()
  const keyBytes = start.readUInt16BE(startBytes + 4)
  const headerBytes = fixedHeaderBytes + found * keyBytes
  if (start.length < headerBytes) throw damaged()
  const header = start.subarray(0, headerBytes)
  const keySlots = Array.from({ length: found }, (_, slotIndex) =>
    header.subarray(fixedHeaderBytes + slotIndex * keyBytes, fixedHeaderBytes + (slotIndex + 1) * keyBytes),
  )
  return { header, keySlots }
}

/** The data key from the first slot that opens: an interrupted rewrapping damages at most one slot. */
function openKeySlots(secrets: Secrets, keySlots: Buffer[]): { key: Buffer; wrapped: Buffer } {
  let failure: unknown
  for (const wrapped of filledOf(secrets, keySlots)) {
    try {
      return { key: secrets.unwrapDataKey(wrapped), wrapped }
    } catch (error) {
      failure ??= error
    }
  }
  throw failure instanceof UnknownMasterKeyError ? failure : damaged(failure)
}

/** The slots in use, the one under the current master key first. */
function filledOf(secrets: Secrets, keySlots: Buffer[]): Buffer[] {
  const filled = keySlots.filter((slot) => slot.some((byte) => byte !== 0))
  return filled.toSorted((left, right) => rankOf(secrets, left) - rankOf(secrets, right))
}

function rankOf(secrets: Secrets, wrapped: Buffer): number {
  try {
    return secrets.isCurrent(wrapped) ? 0 : 1
  } catch {
    return 2
  }
}

function authenticatedOf(header: Buffer, fileName: string): Buffer {
  const isWhole = header.readUInt8(name.length) === 1
  return Buffer.concat([isWhole ? header : header.subarray(0, fixedHeaderBytes), Buffer.from(fileName)])
}

/** The layout of a file that takes `storedBytes` as it is stored. */
export function layoutOf(fileCipher: FileCipher, storedBytes: number): FileLayout {
  const sealedChunkBytes = fileCipher.chunkBytes + tagBytes
  const bodyBytes = storedBytes - fileCipher.header.length
  const chunks = Math.ceil(bodyBytes / sealedChunkBytes)
  if (bodyBytes < chunks * tagBytes || chunks < 1) throw damaged()
  return { plainBytes: bodyBytes - chunks * tagBytes, chunks, sealedChunkBytes }
}

function cipher(
  key: Buffer,
  { authenticated, ...parts }: { header: Buffer; wrapped: Buffer; chunkBytes: number; authenticated: Buffer },
): FileCipher {
  return {
    ...parts,
    seal(plain, position, last) {
      const encryption = createCipheriv('aes-256-gcm', key, nonceOf(position, last)).setAAD(authenticated)
      return Buffer.concat([encryption.update(plain), encryption.final(), encryption.getAuthTag()])
    },
    open(sealed, position, last) {
      if (sealed.length < tagBytes) throw damaged()
      const end = sealed.length - tagBytes
      const options = { authTagLength: tagBytes }
      const decryption = createDecipheriv('aes-256-gcm', key, nonceOf(position, last), options).setAAD(authenticated)
      decryption.setAuthTag(sealed.subarray(end))
      const plain = decryption.update(sealed.subarray(0, end))
      try {
        decryption.final()
      } catch (error) {
        throw damaged(error)
      }
      return plain
    },
  }
}

function nonceOf(position: number, last: boolean): Buffer {
  const nonce = Buffer.alloc(12)
  nonce.writeUInt8(last ? 1 : 0, 0)
  nonce.writeBigUInt64BE(BigInt(position), 4)
  return nonce
}

function damaged(cause?: unknown): Error {
  return new DamagedFileError(cause)
}
