import { AppError } from './errors.ts'
import { memoryBytes } from './store/memory.ts'

/** What one request holds of the memory for bodies. */
export interface HeldBytes {
  /** Throws UNAVAILABLE where there is no room for so many bytes more. */
  take(bytes: number): void
  /** Gives back everything; may be called again. */
  release(): void
}

/** Bounds the bytes of bodies that all requests together hold in memory, inflated ones included. */
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
 * Eight of the largest bodies, or fewer where they would take more than a sixteenth of the memory: what is made of a body
 * takes several times its size. Two always fit, since a body may be there twice, as it came and inflated.
 */
export function bodyMemoryFor(maxBodyBytes: number): BodyMemory {
  return new BodyMemory(maxBodyBytes * Math.min(8, Math.max(2, Math.floor(memoryBytes() / 16 / maxBodyBytes))))
}
