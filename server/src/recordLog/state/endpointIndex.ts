import type { EndpointCall } from '../rows/endpoints.ts'

interface Entry {
  /** Undefined for a call that has no external endpoint, or has lost it. */
  call: EndpointCall | undefined
  batch: number
}

/** The maximum number of calls in memory for the count of repeated calls. */
const maxCalls = 100_000

/** The current state of calls that this process wrote last, by their external endpoint. */
export class EndpointIndex {
  readonly #entries = new Map<number, Entry>()
  readonly #byEndpoint = new Map<string, Map<number, EndpointCall>>()

  /** Whether the index has the call; the engine's answer about it may be older. */
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

  /**
   * Drops the oldest calls over the limit and returns their endpoints; keeps calls that the engine does not show yet.
   */
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
