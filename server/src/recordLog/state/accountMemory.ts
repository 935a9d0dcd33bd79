import { keyHash } from '../../domain/keyHash.ts'
import type { ClickHouse } from '../../store/clickhouse/clickhouse.ts'
import { endpointCallOf } from '../rows/endpoints.ts'
import type { StoredRecord } from '../storedRecord.ts'
import { EndpointIndex } from './endpointIndex.ts'
import { RecordCache, recordKeyOf } from './recordCache.ts'
import { newFilters, scanKeys, type KeyFilters } from './scanKeys.ts'

/** Consecutive commits by this process before the account's keys are scanned, which spares accounts in rare use. */
const commitsBeforeScan = 3
const maxCommitsBeforeScan = 500

/**
 * What a process knows about an account without a query: the records that it wrote last, and the existing keys.
 * It is exact for one batch. When another process has committed since, all of it is dropped.
 */
export class AccountMemory {
  #batch: number | undefined
  #cache = new RecordCache()
  #endpoints = new EndpointIndex()
  /** All keys of the account. */
  #keys: KeyFilters | undefined
  /** The keys of a running scan, and its abort controller. */
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

  /**
   * To be called with the account's last batch before any look-up; drops everything if another process has committed
   * since.
   */
  beginAt(batch: number): void {
    if (this.#batch === batch) return
    // When processes alternate, every scan would soon be dropped.
    if (this.#batch !== undefined) this.#postponeScan(2)
    this.close()
    this.#keys = undefined
    this.#cache = new RecordCache()
    this.#endpoints = new EndpointIndex()
    this.#recent = []
    this.#batch = batch
  }

  /** Adds what a commit wrote: its records, and the hashes of its new record keys. */
  add(records: readonly StoredRecord[], hashes: readonly number[], batch: number): void {
    this.#batch = batch
    this.#commits++
    for (const record of records) {
      // This commit has written both into the key table.
      record.isEarly = false
      record.hasKey = record.collection.isPart
      this.#cache.put(record, batch)
      if (record.collection.name === 'calls') this.#endpoints.put(record.number, endpointCallOf(record), batch)
    }
    for (const keys of this.#allKeys()) for (const hash of hashes) keys.records.add(hash)
    if (hashes.length > 0) this.#recent.push({ batch, hashes })
  }

  /** Frees memory down to `maxBytes` of rows; keeps what the engine does not show yet. */
  trim(maxBytes: number, storedBatch: number): void {
    this.#cache.trim(maxBytes, storedBatch)
    for (const endpoint of this.#endpoints.trim(storedBatch)) {
      for (const keys of this.#allKeys()) keys.endpoints.add(keyHash(endpoint))
    }
    while (this.#recent[0] && this.#recent[0].batch <= storedBatch) this.#recent.shift()
  }

  /** Whether nothing is stored under the key: no call, no part, and no early part of a call with this id. */
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
   * Starts a scan of the account's keys when one is due; it runs beside the commits. A failed scan changes nothing and
   * is repeated much later.
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
    // The engine shows every batch except the recent ones, so add the keys of those.
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
