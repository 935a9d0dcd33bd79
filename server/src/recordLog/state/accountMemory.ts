import { keyHash } from '../../domain/keyHash.ts'
import type { ClickHouse } from '../../store/clickhouse/clickhouse.ts'
import { endpointCallOf } from '../rows/endpoints.ts'
import type { StoredRecord } from '../storedRecord.ts'
import { EndpointIndex } from './endpointIndex.ts'
import { RecordCache, recordKeyOf } from './recordCache.ts'
import { newFilters, scanKeys, type KeyFilters } from './scanKeys.ts'

/** Commits in a row by this process alone after which the account's keys are scanned: an account in rare use is not. */
const commitsBeforeScan = 3
const maxCommitsBeforeScan = 500

/**
 * What a process knows of an account without asking the engine: the records that it wrote last, and which keys there are.
 * It is exact as of one batch; when another process wrote since, all of it is forgotten.
 */
export class AccountMemory {
  #batch: number | undefined
  #cache = new RecordCache()
  #endpoints = new EndpointIndex()
  /** Every key there is. */
  #keys: KeyFilters | undefined
  /** The keys of a scan that is under way, and what ends it. */
  #scan: { keys: KeyFilters; abort: AbortController } | undefined
  /** Hashes of record keys that the engine may not show yet, by batch. */
  #recent: { batch: number; hashes: readonly number[] }[] = []
  #commits = 0
  #commitsBeforeScan = commitsBeforeScan

  get cache(): RecordCache {
    return this.#cache
  }

  get endpoints(): EndpointIndex {
    return this.#endpoints
  }

  /** To be called with the account's last batch before anything is asked; forgets everything if others wrote since. */
  beginAt(batch: number): void {
    if (this.#batch === batch) return
    // Where processes write in turn, no scan would be worth its while.
    if (this.#batch !== undefined) this.#postponeScan(2)
    this.close()
    this.#keys = undefined
    this.#cache = new RecordCache()
    this.#endpoints = new EndpointIndex()
    this.#recent = []
    this.#batch = batch
  }

  /** Takes over what a commit wrote: its records, and the hashes of the record keys that it made. */
  add(records: readonly StoredRecord[], hashes: readonly number[], batch: number): void {
    this.#batch = batch
    this.#commits++
    for (const record of records) {
      // The key table has been told of both.
      record.isEarly = false
      record.hasKey = record.collection.isPart
      this.#cache.put(record, batch)
      if (record.collection.name === 'calls') this.#endpoints.put(record.number, endpointCallOf(record), batch)
    }
    for (const keys of this.#allKeys()) for (const hash of hashes) keys.records.add(hash)
    if (hashes.length > 0) this.#recent.push({ batch, hashes })
  }

  /** Gives memory back, down to `maxBytes` of rows, as far as the engine shows what is forgotten. */
  trim(maxBytes: number, storedBatch: number): void {
    this.#cache.trim(maxBytes, storedBatch)
    for (const endpoint of this.#endpoints.trim(storedBatch)) {
      for (const keys of this.#allKeys()) keys.endpoints.add(keyHash(endpoint))
    }
    while (this.#recent[0] && this.#recent[0].batch <= storedBatch) this.#recent.shift()
  }

  /** Whether nothing is stored under the text: no call, no part, and no part of a call of that id. */
  isNewKey(key: string): boolean {
    return this.#keys !== undefined && !this.#keys.records.mayHave(keyHash(key))
  }

  /** Whether the record is in memory, or certainly not stored. */
  knows(collectionName: string, key: string): boolean {
    return this.#cache.find(recordKeyOf(collectionName, key)) !== undefined || this.isNewKey(key)
  }

  /** Whether all calls of the endpoint are in memory. */
  knowsEndpoint(endpoint: string): boolean {
    return this.#keys !== undefined && !this.#keys.endpoints.mayHave(keyHash(endpoint))
  }

  /**
   * Has the account's keys scanned where that is due, beside the commits. A scan that fails leaves things as they are, and is
   * tried again much later.
   */
  scanWhenDue(clickhouse: ClickHouse, accountId: number): void {
    const isDue = this.#commits >= this.#commitsBeforeScan && (this.#keys === undefined || this.#keys.records.isFull)
    if (!isDue || this.#scan) return
    this.#postponeScan(1)
    const abort = new AbortController()
    void this.#scanInto(clickhouse, accountId, abort).catch(() => {
      if (!abort.signal.aborted) this.#postponeScan(100)
    })
  }

  close(): void {
    this.#scan?.abort.abort()
    this.#scan = undefined
  }

  async #scanInto(clickhouse: ClickHouse, accountId: number, abort: AbortController): Promise<void> {
    const keys = await newFilters(clickhouse, accountId)
    if (keys === undefined) return this.#postponeScan(maxCommitsBeforeScan)
    if (this.#scan) return
    // The engine shows every batch but the recent ones, whoever wrote meanwhile.
    this.#scan = { keys, abort }
    for (const { hashes } of this.#recent) for (const hash of hashes) keys.records.add(hash)
    try {
      await scanKeys(clickhouse, accountId, keys, abort.signal)
      if (!abort.signal.aborted) this.#keys = keys
    } finally {
      if (this.#scan?.keys === keys) this.#scan = undefined
    }
  }

  #allKeys(): KeyFilters[] {
    return [this.#keys, this.#scan?.keys].filter((keys) => keys !== undefined)
  }

  #postponeScan(factor: number): void {
    this.#commits = 0
    this.#commitsBeforeScan = Math.min(this.#commitsBeforeScan * factor, maxCommitsBeforeScan)
  }
}
