import type { EndpointCall } from '../rows/endpoints.ts'

interface Entry {
  /** Undefined for a call that has no external endpoint, or none any more. */
  call: EndpointCall | undefined
  batch: number
}

/** Calls that are held in memory for the count of repeated calls. */
const maxCalls = 100_000

/** Calls by their external endpoint, as they now stand: those that this process wrote last. */
export class EndpointIndex {
  readonly #entries = new Map<number, Entry>()
  readonly #byEndpoint = new Map<string, Map<number, EndpointCall>>()

  /** Whether it knows how the call stands; what the engine says of it may be older. */
  knows(number: number): boolean {
    return this.#entries.has(number)
  }

  callsOf(endpoint: string): Iterable<EndpointCall> {
    return this.#byEndpoint.get(endpoint)?.values() ?? []
  }

  put(number: number, call: EndpointCall | undefined, batch = 0): void {
    this.#remove(number)
    this.#entries.set(number, { call, batch })
    if (!call) return
    const known = this.#byEndpoint.get(call.endpoint)
    if (known) known.set(number, call)
    else this.#byEndpoint.set(call.endpoint, new Map([[number, call]]))
  }

  /** Drops the oldest calls over the limit, and gives their endpoints; never one above the batch that the engine shows. */
  trim(storedBatch: number): string[] {
    const dropped: string[] = []
    for (const [number, { call, batch }] of this.#entries) {
      if (this.#entries.size <= maxCalls || batch > storedBatch) break
      this.#remove(number)
      if (call) dropped.push(call.endpoint)
    }
    return dropped
  }

  #remove(number: number): void {
    const endpoint = this.#entries.get(number)?.call?.endpoint
    this.#entries.delete(number)
    if (endpoint === undefined) return
    const calls = this.#byEndpoint.get(endpoint)
    if (calls?.delete(number) && calls.size === 0) this.#byEndpoint.delete(endpoint)
  }
}
