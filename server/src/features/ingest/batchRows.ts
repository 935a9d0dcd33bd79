import { promisify } from 'node:util'
import { constants, zstdCompress, zstdDecompress } from 'node:zlib'
import { columnsOf, encodeRow } from './rowFormat.ts'
import type { StoredRecord } from './storedRecord.ts'
import type { ClickHouse } from '../../store/clickhouse.ts'
import { collectionNamed } from '../../domain/collections/all.ts'
import { yieldByTime } from './yieldByTime.ts'

const compress = promisify(zstdCompress)
const decompress = promisify(zstdDecompress)

/** The rows of a batch, ready for the engine: lines of JSONCompactEachRow by table. */
export interface BatchRows {
  tables: { table: string; columns: readonly string[]; lines: Buffer }[]
}

const keyColumns = ['account_id', 'id', 'collection', 'number', 'removed', 'batch'] as const

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
      keys.push(JSON.stringify([accountId, record.key, name, record.number, record.removed, batch]))
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

function joinLines(rows: string[]): Buffer {
  return Buffer.from(`${rows.join('\n')}\n`)
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
