import type { StoredRecord } from '../storedRecord.ts'

interface Entry {
  record: StoredRecord
  batch: number
}

/**
 * The records of an account that this process wrote last, oldest first: all that the engine may not show yet, and more.
 */
export class RecordCache {
  readonly #entries = new Map<string, Entry>()
  /** Keys of parts by their call. */
  readonly #parts = new Map<string, Set<string>>()
  #bytes = 0

  /** The total length of the rows of all cached records. */
  get bytes(): number {
    return this.#bytes
  }

  find(recordKey: string): StoredRecord | undefined {
    return this.#entries.get(recordKey)?.record
  }

  /** Record keys of the cached parts of a call; the call may have further parts. */
  partsOf(callId: string): Iterable<string> {
    return this.#parts.get(callId) ?? []
  }

  put(record: StoredRecord, batch: number): void {
    const recordKey = recordKeyOf(record.collection.name, record.key)
    this.#drop(recordKey)
    this.#entries.set(recordKey, { record, batch })
    this.#bytes += record.rowBytes
    if (!record.collection.isPart || record.callId === undefined) return
    const known = this.#parts.get(record.callId)
    if (known) known.add(recordKey)
    else this.#parts.set(record.callId, new Set([recordKey]))
  }

  /** Drops the oldest records until the rest is at most `maxBytes`; keeps records that the engine does not show yet. */
  trim(maxBytes: number, storedBatch: number): void {
    for (const [recordKey, { batch }] of this.#entries) {
      if (this.#bytes <= maxBytes || batch > storedBatch) return
      this.#drop(recordKey)
    }
  }

  #drop(recordKey: string): void {
    const entry = this.#entries.get(recordKey)
    if (!entry) return
    this.#entries.delete(recordKey)
    const { record } = entry
    this.#bytes -= record.rowBytes
    const parts = record.callId === undefined ? undefined : this.#parts.get(record.callId)
    if (parts?.delete(recordKey) && parts.size === 0) this.#parts.delete(record.callId ?? '')
  }
}

/** The key of a record in memory; it is unambiguous because ids contain no space. */
export function recordKeyOf(collectionName: string, key: string): string {
  return `${collectionName} ${key}`
}
