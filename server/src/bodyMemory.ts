import { AppError } from './errors.ts'
import { memoryBytes } from './store/memory.ts'

/** The memory for bodies that one request has reserved. */
export interface HeldBytes {
  /** Reserves more bytes. Throws UNAVAILABLE when too few are free. */
  take(bytes: number): void
  /** Frees the whole reservation; may be called again. */
  release(): void
}

/** Bounds the bytes of all bodies in memory, including decompressed ones. */
export class BodyMemory {
  readonly limit: number
  #held = 0

  constructor(limit: number) {
    this.limit = limit
  }

  get held(): number {
    return this.#held
  }

  open(): HeldBytes {
    let own = 0
    return {
      take: (bytes) => {
        if (this.#held + bytes > this.limit) {
          const message = 'The server holds as many bodies as it has memory for; send it again.'
          throw new AppError('UNAVAILABLE', message, { retryAfterSeconds: 1, rule: message })
        }
        this.#held += bytes
        own += bytes
      },
      release: () => {
        this.#held -= own
        own = 0
      },
    }
  }
}

/**
 * The limit is eight of the largest bodies, but at most a sixteenth of the memory, because parsed bodies take several
 * times their size. Two always fit, because a body may be in memory twice, compressed and decompressed.
 */
export function bodyMemoryFor(maxBodyBytes: number): BodyMemory {
  return new BodyMemory(maxBodyBytes * Math.min(8, Math.max(2, Math.floor(memoryBytes() / 16 / maxBodyBytes))))
}
