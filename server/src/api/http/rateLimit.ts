import type { Ports } from '../../ports.ts'
import { AppError } from '../../errors.ts'
import { sql } from '../../store/postgres/postgres.ts'

/** How a request counts: as ordinary, as polling, as ingestion, or not at all. */
export type RateKind = 'counted' | 'polling' | 'ingest' | 'free'

// Published clients abort on a 429 while they poll or send, so these have separate, higher limits.
const factors = { counted: 1, polling: 10, ingest: 100 }

/** The remaining requests of a key in the current minute, as this process knows them. */
interface Counter {
  minute: number
  limit: number
  /** Tokens that this process has taken from the database and not yet given out. */
  held: number
  /** Tokens that all processes had taken when this one last asked. */
  taken: number
  lease: Promise<void> | undefined
}

type RateHeaders = {
  'RateLimit-Limit': string
  'RateLimit-Remaining': string
  'RateLimit-Reset': string
}

/**
 * Fixed windows of a minute for each key and kind. Each process leases tokens from the database in blocks that
 * shrink towards the end of the window, so that all processes together never give out more than the limit, while
 * most requests touch no database.
 */
export class RateLimits {
  private readonly ports: Ports
  private readonly counters = new Map<string, Counter>()
  private minute = 0

  constructor(ports: Ports) {
    this.ports = ports
  }

  /** Takes one token. Gives the headers to answer with; undefined when limits are off or do not apply. */
  async take(keyId: string, kind: RateKind): Promise<{ headers: RateHeaders; refusal?: AppError } | undefined> {
    if (kind === 'free' || this.ports.config.rateLimit === 0) return undefined
    const counter = this.counterOf(keyId, kind, this.ports.config.rateLimit * factors[kind])
    while (counter.held === 0 && counter.taken < counter.limit) {
      // One lease at a time: other requests wait for it and check again.
      counter.lease ??= this.lease(keyId, kind, counter)
      await counter.lease
    }
    const allowed = counter.held > 0
    if (allowed) counter.held -= 1
    const resetSeconds = Math.max(1, Math.ceil(((counter.minute + 1) * 60_000 - this.ports.now()) / 1000))
    const headers = headersOf(counter, resetSeconds)
    return allowed ? { headers } : { headers, refusal: refusal(counter.limit, resetSeconds) }
  }

  private counterOf(keyId: string, kind: RateKind, limit: number): Counter {
    const minute = Math.floor(this.ports.now() / 60_000)
    if (minute !== this.minute) {
      this.minute = minute
      this.counters.clear()
      this.forgetOldWindows(minute)
    }
    const name = `${kind}:${keyId}`
    const known = this.counters.get(name)
    if (known) return known
    const made: Counter = { minute, limit, held: 0, taken: 0, lease: undefined }
    this.counters.set(name, made)
    return made
  }

  private async lease(keyId: string, kind: RateKind, counter: Counter): Promise<void> {
    const block = Math.max(1, Math.ceil(counter.limit / 100), Math.floor((counter.limit - counter.taken) / 16))
    try {
      const row = await this.ports.postgres.first<{ taken: number }>(sql`
        INSERT INTO rate_windows AS known (key_id, kind, minute, taken)
        VALUES (${keyId}, ${kind}, ${counter.minute}, ${block})
        ON CONFLICT (key_id, kind, minute) DO UPDATE
        SET taken = least(known.taken + ${block}, ${counter.limit + block})
        RETURNING taken`)
      const before = (row?.taken ?? 0) - block
      counter.held += Math.max(0, Math.min(block, counter.limit - before))
      counter.taken = Math.min(counter.limit, before + block)
    } catch (error) {
      if (!(error instanceof AppError && error.code === 'DISK_FULL')) throw error
      // Reading continues on a full disk, so each process counts alone until there is space.
      counter.held += block
      counter.taken = Math.min(counter.limit, counter.taken + block)
    } finally {
      counter.lease = undefined
    }
  }

  private forgetOldWindows(minute: number): void {
    // The previous minute is kept, because another process's clock may be behind.
    this.ports.postgres
      .run(sql`
        DELETE FROM rate_windows
        WHERE minute < ${minute - 1}`)
      .catch((error: unknown) => this.ports.log.warn({ err: error }, 'old rate windows not removed'))
  }
}

function headersOf(counter: Counter, resetSeconds: number): RateHeaders {
  return {
    'RateLimit-Limit': `${counter.limit}, ${counter.limit};window=60`,
    'RateLimit-Remaining': String(counter.limit - counter.taken + counter.held),
    'RateLimit-Reset': String(resetSeconds),
  }
}

function refusal(limit: number, resetSeconds: number): AppError {
  return new AppError(
    'RATE_LIMIT_EXCEEDED',
    `The API key has used its ${limit} requests of this minute; try again in ${resetSeconds} seconds.`,
    { retryAfterSeconds: resetSeconds },
  )
}
