import { setTimeout } from 'node:timers/promises'
import { networkOf } from '../../domain/network.ts'
import { AppError, errorStatus } from '../../errors.ts'

// A person who mistypes never meets these; a program that guesses is held to about one try a second and connection.
const freeFailures = 30
const firstDelayMs = 25
const maxDelayMs = 1000
const maxAddresses = 10_000
const maxWaiting = 200

/** What the slowing goes by; tests bring their own. */
interface Clock {
  nowMs: () => number
  wait: (milliseconds: number) => Promise<void>
}

const realClock: Clock = {
  nowMs: () => performance.now(),
  wait: (milliseconds) => setTimeout(milliseconds, undefined, { ref: false }),
}

/**
 * Slows down addresses whose sign-ins fail. Only failures wait, so that a right key from the same address is
 * never held up; both the addresses that are remembered and the requests that wait are bounded.
 */
export class SlowDown {
  private readonly scores = new Map<string, { failures: number; at: number }>()
  private waiting = 0
  private readonly clock: Clock

  constructor(clock: Clock = realClock) {
    this.clock = clock
  }

  /** Counts a failed sign-in and waits as long as the address has deserved. Throws RATE_LIMIT_EXCEEDED when too many wait. */
  async failed(address: string): Promise<void> {
    const delayMs = this.countFailure(networkOf(address))
    if (delayMs === 0) return
    if (this.waiting >= maxWaiting) {
      throw new AppError('RATE_LIMIT_EXCEEDED', 'Too many sign-ins failed; check the API key, then try again.', {
        retryAfterSeconds: 5,
      })
    }
    this.waiting += 1
    try {
      await this.clock.wait(delayMs)
    } finally {
      this.waiting -= 1
    }
  }

  /** Does what checks a sign-in; when it is refused, the address waits for the refusal. */
  async guard<T>(address: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      if (error instanceof AppError && errorStatus[error.code] === 401) await this.failed(address)
      throw error
    }
  }

  private countFailure(network: string): number {
    const now = this.clock.nowMs()
    const known = this.scores.get(network)
    // One failure a second is forgotten.
    const left = known ? Math.max(0, known.failures - (now - known.at) / 1000) : 0
    const failures = Math.min(left + 1, freeFailures + 20)
    // Taken out and put in again: the map's order is then that of the last failures.
    this.scores.delete(network)
    this.scores.set(network, { failures, at: now })
    if (this.scores.size > maxAddresses) {
      const [oldest] = this.scores.keys()
      if (oldest !== undefined) this.scores.delete(oldest)
    }
    const beyond = Math.ceil(failures) - freeFailures
    return beyond <= 0 ? 0 : Math.min(maxDelayMs, firstDelayMs * 2 ** (beyond - 1))
  }
}
