import type { ClickHouse } from '../../store/clickhouse/clickhouse.ts'
import { memoryBytes } from '../../store/memory.ts'
import { yieldByTime } from '../../yieldByTime.ts'
import { KeyFilter } from './keyFilter.ts'

/** The keys of an account: those of its records, and of the external endpoints whose calls are not all in memory. */
export interface KeyFilters {
  records: KeyFilter
  endpoints: KeyFilter
}

/** A row of the scan: the hash as UInt64, and one byte that tells whether it is the hash of an endpoint. */
const rowBytes = 9
const minCapacity = 20_000
/** The maximum share of the machine's memory for the keys of one account. */
const memoryShare = 1 / 16

/** Empty filters with capacity for 1.5 times the account's keys; undefined where they would need too much memory. */
export async function newFilters(clickhouse: ClickHouse, accountId: number): Promise<KeyFilters | undefined> {
  const [count] = await clickhouse.rows<{ records: number; endpoints: number }>(
    `SELECT
       countIf(collection != 'endpoints') AS records,
       countIf(collection = 'endpoints') AS endpoints
     FROM record_keys
     WHERE account_id = {accountId:UInt32}`,
    { accountId },
  )
  const capacity = { records: capacityOf(count?.records), endpoints: capacityOf(count?.endpoints) }
  const bytes = KeyFilter.bytesFor(capacity.records) + KeyFilter.bytesFor(capacity.endpoints)
  if (bytes > memoryBytes() * memoryShare) return undefined
  return { records: new KeyFilter(capacity.records), endpoints: new KeyFilter(capacity.endpoints) }
}

function capacityOf(keys = 0): number {
  return Math.max(minCapacity, Math.ceil(keys * 1.5))
}

/** Fills the filters with every key that the engine shows. It yields to other work, because it may take seconds. */
export async function scanKeys(
  clickhouse: ClickHouse,
  accountId: number,
  filters: KeyFilters,
  signal: AbortSignal,
): Promise<void> {
  const rows = clickhouse.stream(
    `SELECT id_hash, collection = 'endpoints'
     FROM record_keys
     WHERE account_id = {accountId:UInt32}`,
    'RowBinary',
    { accountId },
  )
  const pause = yieldByTime()
  let rest: Buffer = Buffer.alloc(0)
  for await (const bytes of rows) {
    if (signal.aborted) return
    const chunk = rest.length === 0 ? Buffer.from(bytes) : Buffer.concat([rest, bytes])
    let offset = 0
    for (; offset + rowBytes <= chunk.length; offset += rowBytes) {
      const hash = chunk.readUIntLE(offset, 6)
      if (chunk[offset + 8] === 1) filters.endpoints.add(hash)
      else filters.records.add(hash)
      if (offset % (rowBytes * 4096) === 0) await pause()
    }
    rest = chunk.subarray(offset)
  }
}
