import { promisify } from 'node:util'
import { constants, zstdCompress, zstdDecompress } from 'node:zlib'
import { columnsOf, encodeRow } from './rowFormat.ts'
import { endpointsOf } from './endpoints.ts'
import type { StoredRecord } from './storedRecord.ts'
import type { ClickHouse } from '../../store/clickhouse.ts'
import { keyHash } from '../../domain/keyHash.ts'
import { collectionNamed } from '../../domain/collections/all.ts'
import { yieldByTime } from './yieldByTime.ts'

const compress = promisify(zstdCompress)
const decompress = promisify(zstdDecompress)

/** The rows of a batch, ready for the engine: lines of JSONCompactEachRow by table. */
export interface BatchRows {
  tables: { table: string; columns: readonly string[]; lines: Buffer }[]
}

const keyColumns = ['account_id', 'id_hash', 'collection', 'number', 'started_at', 'removed', 'batch'] as const

/** Renders the final rows of every written record, and of its key. */
export async function renderBatch(records: StoredRecord[], accountId: number, batch: number): Promise<BatchRows> {
  const lines = new Map<string, string[]>()
  const keys: string[] = []
  const pause = yieldByTime()
  for (const record of records) {
    const { name } = record.collection
    const own = lines.get(name) ?? []
    own.push(encodeRow(record, accountId, batch))
    lines.set(name, own)
    if (record.collection.isPart || name === 'calls') {
      keys.push(...keyLines(record, accountId, batch))
    }
    await pause()
  }
  const tables = [...lines].flatMap(([name, rows]) => {
    const collection = collectionNamed(name)
    return collection ? [{ table: collection.table, columns: columnsOf(collection), lines: joinLines(rows) }] : []
  })
  if (keys.length > 0) tables.push({ table: 'record_keys', columns: [...keyColumns], lines: joinLines(keys) })
  return { tables }
}

/** The key of a record, and of a call its endpoints; endpoints that it has left are marked as removed. */
function keyLines(record: StoredRecord, accountId: number, batch: number): string[] {
  const line = (key: string, collection: string, startedAt: number, removed: number): string =>
    JSON.stringify([accountId, keyHash(key), collection, record.number, startedAt, removed, batch])
  const lines = [line(record.key, record.collection.name, 0, record.removed)]
  const endpoints = record.collection.name === 'calls' ? endpointsOf(record) : undefined
  if (record.isEarly) lines.push(line(String(record.callId), 'early', 0, 0))
  const { knownEndpoints } = record
  if (knownEndpoints !== undefined && knownEndpoints !== endpoints) lines.push(line(knownEndpoints, 'endpoints', 0, 1))
  if (endpoints !== undefined) lines.push(line(endpoints, 'endpoints', Number(record.values['startedAt']), 0))
  record.knownEndpoints = endpoints
  return lines
}

function joinLines(rows: string[]): Buffer {
  return Buffer.from(`${rows.join('\n')}\n`)
}

/** Several batches as one: the engine keeps the highest of a record's versions. */
export function joinBatches(batches: BatchRows[]): BatchRows {
  const [only] = batches
  if (only && batches.length === 1) return only
  const byTable = Map.groupBy(
    batches.flatMap((batch) => batch.tables),
    (part) => part.table,
  )
  const tables = [...byTable.values()].flatMap((parts) => {
    const [first] = parts
    return first ? [{ ...first, lines: Buffer.concat(parts.map((part) => part.lines)) }] : []
  })
  return { tables }
}

/** Inserts the rows; doing it again changes nothing, since the same versions stand. */
export async function insertBatch(clickhouse: ClickHouse, rows: BatchRows): Promise<void> {
  await Promise.all(rows.tables.map(({ table, columns, lines }) => clickhouse.insert(table, columns, lines)))
}

/** The rows as one compressed value for the write-ahead entry: a line that names the parts, then the parts. */
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
