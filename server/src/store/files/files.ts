import type { Readable } from 'node:stream'
import { AppError } from '../../errors.ts'

/** A stored file: the size and the SHA-256 (hexadecimal) of the plain content. */
export interface StoredFile {
  bytes: number
  sha256: string
}

/** A stored file cannot be decrypted: it was altered, cut or swapped with another, or its disk failed. */
export class DamagedFileError extends AppError {
  constructor(cause: unknown) {
    super('GONE', 'The stored file cannot be read: it is damaged or was altered; restore it from a backup.', { cause })
    this.name = 'DamagedFileError'
  }
}

/** Encrypted files, on disk or elsewhere: AES-256-GCM in chunks, so that a part can be read and authenticated alone. */
export interface Files {
  /**
   * Stores a stream under `key` (`exports/…`); visible only when whole, and durable when the promise resolves.
   * An aborted `signal` ends it at the next piece of content. Throws DISK_FULL, UNAVAILABLE.
   */
  put(key: string, content: AsyncIterable<Uint8Array>, signal?: AbortSignal): Promise<StoredFile>
  /**
   * Bytes `start` to `end` (inclusive, cut at the end of the file), decrypted; the whole file by default. `bytes` is
   * the size of the whole file. Undefined when there is none. `content` must be read or destroyed. Throws UNAVAILABLE.
   */
  read(key: string, range?: { start: number; end: number }): Promise<{ bytes: number; content: Readable } | undefined>
  /** The size of the plain content. Undefined when there is no such file. */
  size(key: string): Promise<number | undefined>
  /** Removes a file; nothing happens when there is none. */
  remove(key: string): Promise<void>
  /**
   * Puts a file's data key under the current master key; its bytes stay as they are. May break off at any point. False
   * when there is nothing to do.
   */
  rewrap(key: string): Promise<boolean>
  /** The id of the master key that a file needs, known or not. Undefined when there is no such file. */
  masterKeyIdOf(key: string): Promise<string | undefined>
  /** Every stored key that begins with `prefix`. */
  list(prefix: string): AsyncIterable<string>
  /** Removes the unfinished files of dead writers. */
  sweep(): Promise<void>
}

/** Longer than the longest write: an unfinished file of that age has no writer any more. */
export const abandonedAfterMs = 24 * 3_600_000

/** Whether a text can be the key of a file. */
export function isFileKey(key: string): boolean {
  return /^([A-Za-z0-9][A-Za-z0-9._-]{0,199}\/)*[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/.test(key)
}

/** Keys come from our own code; this check keeps a mistake there from reaching outside the folder. */
export function checkedKey(key: string): string {
  if (!isFileKey(key)) {
    throw new Error('A file key must be a relative path of letters, digits, dots, hyphens and underscores.')
  }
  return key
}

/**
 * Cuts a stream into chunks of `size` bytes; only the last may be shorter, and there is always a last one. All chunks
 * share one buffer, so the next chunk overwrites the one before.
 */
export async function* inChunks(
  content: AsyncIterable<Uint8Array>,
  size: number,
): AsyncIterable<{ bytes: Uint8Array; last: boolean }> {
  const chunk = Buffer.allocUnsafe(size)
  let filled = 0
  for await (const piece of content) {
    for (let consumed = 0; consumed < piece.length;) {
      // Keep a full chunk until the next byte arrives, which shows that the chunk is not the last.
      if (filled === size) {
        yield { bytes: chunk, last: false }
        filled = 0
      }
      const part = piece.subarray(consumed, consumed + size - filled)
      chunk.set(part, filled)
      filled += part.length
      consumed += part.length
    }
  }
  yield { bytes: chunk.subarray(0, filled), last: true }
}
