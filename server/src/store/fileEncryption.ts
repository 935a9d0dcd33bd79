import { createCipheriv, createDecipheriv } from 'node:crypto'
import type { Secrets } from './secrets.ts'

/*
 * A stored file: a header, then chunks of ciphertext, each with its own tag.
 *
 *   header   'EARSHOT' · version (1 byte) · chunk size (4) · length of the wrapped key (2) · wrapped key
 *   chunk    AES-256-GCM of up to `chunk size` plain bytes · tag (16)
 *
 * The nonce of a chunk holds its position and whether it is the last; header and name of the file are authenticated
 * with every chunk. So a file that was cut, reordered, extended or put in another's place does not open. A data key
 * serves one file only, which makes counting nonces safe. An empty file is one empty chunk.
 */
const magic = Buffer.from('EARSHOT\x01', 'latin1')
const fixedHeaderBytes = magic.length + 6
const plainChunkBytes = 64 * 1024
const tagBytes = 16

/** Longest header: what must be read of a file before its chunks. */
export const headerBytesLimit = 4096

/** What encrypts or decrypts one file. */
export interface FileCipher {
  header: Buffer
  chunkBytes: number
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

/** A fresh cipher for a new file called `name`. */
export function newFileCipher(secrets: Secrets, name: string): FileCipher {
  const { key, wrapped } = secrets.newDataKey()
  const header = Buffer.alloc(fixedHeaderBytes + wrapped.length)
  if (header.length > headerBytesLimit) throw new Error('The wrapped data key is too long for a file header.')
  magic.copy(header)
  header.writeUInt32BE(plainChunkBytes, magic.length)
  header.writeUInt16BE(wrapped.length, magic.length + 4)
  wrapped.copy(header, fixedHeaderBytes)
  return cipher(key, header, plainChunkBytes, name)
}

/** The cipher of an existing file, from its first bytes. */
export function readFileCipher(secrets: Secrets, name: string, start: Buffer): FileCipher {
  const headerBytes = start.length < fixedHeaderBytes ? 0 : fixedHeaderBytes + start.readUInt16BE(magic.length + 4)
  if (headerBytes === 0 || start.length < headerBytes || !start.subarray(0, magic.length).equals(magic)) throw damaged()
  const header = start.subarray(0, headerBytes)
  const chunkBytes = header.readUInt32BE(magic.length)
  if (chunkBytes === 0 || chunkBytes > 1024 * 1024) throw damaged()
  return cipher(secrets.unwrapDataKey(header.subarray(fixedHeaderBytes)), header, chunkBytes, name)
}

/** The layout of a file that takes `storedBytes` as it is stored. */
export function layoutOf(fileCipher: FileCipher, storedBytes: number): FileLayout {
  const sealedChunkBytes = fileCipher.chunkBytes + tagBytes
  const bodyBytes = storedBytes - fileCipher.header.length
  const chunks = Math.ceil(bodyBytes / sealedChunkBytes)
  if (bodyBytes < chunks * tagBytes || chunks < 1) throw damaged()
  return { plainBytes: bodyBytes - chunks * tagBytes, chunks, sealedChunkBytes }
}

function cipher(key: Buffer, header: Buffer, chunkBytes: number, name: string): FileCipher {
  const authenticated = Buffer.concat([header, Buffer.from(name)])
  return {
    header,
    chunkBytes,
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
  return new Error('A stored file is damaged or was altered.', { cause })
}
