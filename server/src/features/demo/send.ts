import { type DemoBatch, type DemoOptions, generateDemo } from './generate.ts'
import { postBatch, type PostOptions } from './post.ts'
import type { DemoProgress } from './progress.ts'

const defaultInFlight = 4
const callParts = new Set(['engagements', 'turns', 'evaluations', 'surveys', 'reviews'])

export interface SendOptions extends DemoOptions {
  /** The server, e.g. `http://127.0.0.1:8080`. */
  baseUrl: string
  /** A key with the scope ingest:write. */
  apiKey: string
  fetch?: typeof globalThis.fetch
  /** Most requests at once (default 4). */
  inFlight?: number
  onProgress?: (progress: DemoProgress) => void
  /** Stops sending; what was acknowledged stays. */
  signal?: AbortSignal
}

export interface SendResult {
  calls: number
  records: number
  elapsedMs: number
}

/**
 * Makes a demonstration and sends it to a server's ingestion, a few requests at a time; parts of calls go after their
 * calls. Waits and tries again where the server asks for it. Throws AppError with the first fault otherwise; sending the
 * same demonstration again is safe.
 */
export async function sendDemo(options: SendOptions): Promise<SendResult> {
  const startedAt = performance.now()
  const failure = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, failure.signal]) : failure.signal
  const post: PostOptions = { ...options, fetch: options.fetch ?? fetch, signal }
  const queue = new SendQueue(options, startedAt)
  try {
    for (const batch of generateDemo(options)) {
      if (callParts.has(batch.collection)) await queue.callsArrived
      await queue.room(options.inFlight ?? defaultInFlight)
      queue.add(batch, postBatch(batch, post))
    }
    await queue.drained()
  } catch (error) {
    failure.abort()
    await queue.settled()
    throw error
  }
  queue.report(options.calls)
  return { calls: options.calls, records: queue.records, elapsedMs: performance.now() - startedAt }
}

interface Sending {
  callsDone: number
  isDone: boolean
}

/** The requests under way, in the order in which they were made. */
class SendQueue {
  records = 0
  /** Resolves when the last batch of calls is kept. */
  callsArrived: Promise<unknown> = Promise.resolve()
  private readonly running = new Set<Promise<unknown>>()
  private readonly order: Sending[] = []
  private callsDone = 0
  private readonly options: SendOptions
  private readonly startedAt: number

  constructor(options: SendOptions, startedAt: number) {
    this.options = options
    this.startedAt = startedAt
  }

  add(batch: DemoBatch, answer: Promise<void>): void {
    const sending: Sending = { callsDone: batch.callsDone, isDone: false }
    this.order.push(sending)
    const kept: Promise<unknown> = this.keep(batch, sending, answer).then(() => this.running.delete(kept))
    // A rejection is met where the queue is waited for; until then it must not count as unhandled.
    kept.catch(() => undefined)
    this.running.add(kept)
    if (batch.collection === 'calls') this.callsArrived = kept
  }

  private async keep(batch: DemoBatch, sending: Sending, answer: Promise<void>): Promise<void> {
    await answer
    sending.isDone = true
    this.records += batch.records.length
    this.advance()
  }

  /** Waits until fewer than `most` requests are under way; throws when one has failed. */
  async room(max: number): Promise<void> {
    while (this.running.size >= max) await Promise.race(this.running)
  }

  async drained(): Promise<void> {
    while (this.running.size > 0) await Promise.race(this.running)
  }

  async settled(): Promise<void> {
    await Promise.allSettled(this.running)
  }

  /** What is done is what is kept together with everything before it. */
  private advance(): void {
    while (this.order[0]?.isDone) this.callsDone = Math.max(this.callsDone, this.order.shift()?.callsDone ?? 0)
    if (this.callsDone < this.options.calls) this.report(this.callsDone)
  }

  report(callsDone: number): void {
    const elapsedMs = performance.now() - this.startedAt
    const callsPerSecond = elapsedMs > 0 ? (callsDone / elapsedMs) * 1000 : 0
    this.options.onProgress?.({
      callsDone,
      calls: this.options.calls,
      records: this.records,
      elapsedMs,
      callsPerSecond,
      remainingMs: callsPerSecond > 0 ? ((this.options.calls - callsDone) / callsPerSecond) * 1000 : undefined,
    })
  }
}
