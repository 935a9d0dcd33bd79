import { setTimeout } from 'node:timers/promises'
import { networkOf } from '../../domain/network.ts'
import { AppError, errorStatus } from '../../errors.ts'

// A person who mistypes stays below these; a program that guesses gets about one try a second and connection.
const freeFailures = 30
const firstDelayMs = 25
const maxDelayMs = 1000
const maxAddresses = 10_000
const maxWaiting = 200

/** Clock and pause, which tests replace. */
interface Clock {
  nowMs: () => number
  wait: (milliseconds: number) => Promise<void>
}

const realClock: Clock = {
  nowMs: () => performance.now(),
  wait: (milliseconds) => setTimeout(milliseconds, undefined, { ref: false }),
}

/**
 * Slows down addresses whose sign-ins fail. Only failures wait, so that a valid key from the same address is not
 * delayed. The number of remembered addresses and of waiting requests is bounded.
 */
export class SlowDown {
  private readonly scores = new Map<string, { failures: number; at: number }>()
  private waiting = 0
  private readonly clock: Clock

  constructor(clock: Clock = realClock) {
    this.clock = clock
  }

  /** Counts a failed sign-in and waits according to the failures of the address. Throws RATE_LIMIT_EXCEEDED when too many wait. */
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

  /** Runs the check of a sign-in, and delays the answer if it is refused. */
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
    // The count falls by one failure a second.
    const left = known ? Math.max(0, known.failures - (now - known.at) / 1000) : 0
    const failures = Math.min(left + 1, freeFailures + 20)
    // Removed and added again, so that the map is ordered by the last failures.
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
