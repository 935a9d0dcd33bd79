import { promisify } from 'node:util'
import { constants, zstdCompress, zstdDecompress } from 'node:zlib'
import { shapeFor } from '../rows/rowFormat.ts'
import { endpointOf } from '../rows/endpoints.ts'
import type { StoredRecord } from '../storedRecord.ts'
import type { ClickHouse } from '../../store/clickhouse/clickhouse.ts'
import { keyHash } from '../../domain/keyHash.ts'
import { yieldByTime } from '../../yieldByTime.ts'

const compress = promisify(zstdCompress)
const decompress = promisify(zstdDecompress)

/** The rows of a batch in the engine's input format: lines of JSONCompactEachRow by table. */
export interface BatchRows {
  tables: { table: string; columns: readonly string[]; lines: Buffer }[]
}

/** A rendered batch, with the hashes of the record keys that it adds to the key table. */
export interface RenderedBatch extends BatchRows {
  keyHashes: number[]
}

/** The number of characters that are encoded into bytes at once. */
const pieceCharacters = 1024 * 1024

const keyColumns = ['account_id', 'id_hash', 'collection', 'number', 'started_at', 'removed', 'batch'] as const

/** Renders the row of every written record, and the row of its key where the key is new or may have changed. */
export async function renderBatch(records: StoredRecord[], accountId: number, batch: number): Promise<RenderedBatch> {
  const keys = { lines: new Lines(), hashes: [] as number[] }
  const tables: BatchRows['tables'] = []
  const pause = yieldByTime()
  for (const [collection, own] of Map.groupBy(records, (record) => record.collection)) {
    const lines = new Lines()
    const shape = shapeFor(collection, own)
    const isKeyed = collection.isPart || collection.name === 'calls'
    for (const record of own) {
      const row = shape.encode(record, accountId, batch)
      record.rowBytes = row.length
      lines.add(row)
      if (isKeyed && !record.hasKey) addKeys(keys, record, accountId, batch)
      const others = pause()
      if (others) await others
    }
    tables.push({ table: collection.table, columns: shape.columns, lines: lines.bytes() })
  }
  if (!keys.lines.isEmpty) tables.push({ table: 'record_keys', columns: [...keyColumns], lines: keys.lines.bytes() })
  return { tables, keyHashes: keys.hashes }
}

/**
 * Adds the key of a record, and the external endpoint of a call; the former endpoint of a call is marked as removed.
 */
function addKeys(
  { lines, hashes }: { lines: Lines; hashes: number[] },
  record: StoredRecord,
  accountId: number,
  batch: number,
): void {
  const add = (hash: number, collection: string, startedAt: number, removed: number): void => {
    lines.add(`[${accountId},${hash},"${collection}",${record.number},${startedAt},${removed},${batch}]`)
  }
  const hash = keyHash(record.key)
  hashes.push(hash)
  add(hash, record.collection.name, 0, record.removed)
  if (record.isEarly) {
    const callHash = keyHash(String(record.callId))
    hashes.push(callHash)
    add(callHash, 'early', 0, 0)
  }
  if (record.collection.name !== 'calls') return
  const endpoint = endpointOf(record)
  const { knownEndpoint } = record
  if (knownEndpoint !== undefined && knownEndpoint !== endpoint) add(keyHash(knownEndpoint), 'endpoints', 0, 1)
  if (endpoint !== undefined) add(keyHash(endpoint), 'endpoints', Number(record.values['startedAt']), 0)
  record.knownEndpoint = endpoint
}

/** Collects lines and encodes them piece by piece, so that other work can run in between. */
class Lines {
  readonly #pieces: Buffer[] = []
  #lines: string[] = []
  #characters = 0

  add(line: string): void {
    this.#lines.push(line)
    this.#characters += line.length
    if (this.#characters >= pieceCharacters) this.#close()
  }

  get isEmpty(): boolean {
    return this.#pieces.length === 0 && this.#lines.length === 0
  }

  bytes(): Buffer {
    this.#close()
    const [only] = this.#pieces
    return only && this.#pieces.length === 1 ? only : Buffer.concat(this.#pieces)
  }

  #close(): void {
    if (this.#lines.length === 0) return
    this.#pieces.push(Buffer.from(`${this.#lines.join('\n')}\n`))
    this.#lines = []
    this.#characters = 0
  }
}

/** Joins several batches into one: the engine keeps the highest version of each record. */
export function joinBatches(batches: BatchRows[]): BatchRows {
  const [only] = batches
  if (only && batches.length === 1) return only
  const byColumns = Map.groupBy(
    batches.flatMap((batch) => batch.tables),
    (part) => `${part.table} ${part.columns.join(' ')}`,
  )
  const tables = [...byColumns.values()].flatMap((parts) => {
    const [first] = parts
    return first ? [{ ...first, lines: Buffer.concat(parts.map((part) => part.lines)) }] : []
  })
  return { tables }
}

/** Inserts the rows. Inserting them again changes nothing, because their versions are the same. */
export async function insertBatch(clickhouse: ClickHouse, rows: BatchRows): Promise<void> {
  await Promise.all(rows.tables.map(({ table, columns, lines }) => clickhouse.insert(table, columns, lines)))
}

/**
 * The rows as one compressed value for the write-ahead entry: a header line that lists the tables, then their lines.
 */
export async function packBatch(rows: BatchRows): Promise<Buffer> {
  const header = rows.tables.map(({ table, columns, lines }) => ({ table, columns, bytes: lines.length }))
  const whole = Buffer.concat([Buffer.from(`${JSON.stringify(header)}\n`), ...rows.tables.map((part) => part.lines)])
  return compress(whole, { params: { [constants.ZSTD_c_compressionLevel]: 1 } })
}

export async function unpackBatch(packed: Buffer): Promise<BatchRows> {
  const whole = await decompress(packed)
  const headerEnd = whole.indexOf(10)
  const header: { table: string; columns: string[]; bytes: number }[] = JSON.parse(whole.toString('utf8', 0, headerEnd))
  let offset = headerEnd + 1
  const tables = header.map(({ table, columns, bytes }) => {
    const lines = whole.subarray(offset, offset + bytes)
    offset += bytes
    return { table, columns, lines }
  })
  return { tables }
}
