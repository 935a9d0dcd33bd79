import { requireScope, type Context } from '../../context.ts'
import type { Collection } from '../../domain/collections/collection.ts'
import type { Parameters } from '../../store/clickhouse/clickhouse.ts'
import { requireCollection } from '../ingest/ingestRecords.ts'
import { readWatermark } from '../../recordLog/watermark.ts'
import { awaitChange } from './awaitChange.ts'
import { chosenColumns, type ChangeColumn } from './changeColumns.ts'
import { changesStatement, placesStatement, type Range } from './changeStatements.ts'
import { readCursor, writeCursor, type Cursor } from './cursor.ts'
import { emptyLists, jsonLine } from './jsonLine.ts'
import { refuseLost, rememberedFrom } from './lostPlace.ts'
import { parquetColumns } from './parquetColumns.ts'

export type ChangeFormat = 'ndjson' | 'parquet'

/** How the engine packs the pages of a Parquet file. */
type ParquetCompression = 'zstd' | 'gzip' | 'none'

export interface ChangesRequest {
  collection: string
  /** Of the page before; undefined begins anew. */
  cursor: string | undefined
  /** Most changes in the page. */
  limit: number
  /** Names of fields; none: all. */
  fields: readonly string[]
  format: ChangeFormat
  parquetCompression: ParquetCompression
  /** How long to wait for a change when there is none. */
  waitMs: number
  /** Ends the waiting. */
  signal: AbortSignal
}

export interface ChangesPage {
  /** The page in the format asked for, as the engine writes it. */
  content: AsyncIterable<Uint8Array>
  /** Where the next page begins. */
  nextCursor: string
  /** Whether there is more already. */
  hasMore: boolean
}

/**
 * A page of what changed in a collection after a cursor: each record once, in its current state, in the order of its
 * last change, deletions included. Throws GONE for a cursor that is too old to be told of every deletion.
 */
export async function readChanges(context: Context, request: ChangesRequest): Promise<ChangesPage> {
  requireScope(context, 'calls:read')
  const { ports, accountId } = context
  const collection = requireCollection(request.collection)
  const columns = chosenColumns(collection, request.fields)
  const isNew = request.cursor === undefined || request.cursor === ''
  const cursor = isNew
    ? { seq: 0, knewAll: ports.now() }
    : readCursor(ports, accountId, [collection.name], request.cursor ?? '')
  const deadline = performance.now() + request.waitMs
  let found = await findPage(context, collection, cursor, request.limit)
  while (found.isEmpty && (await awaitChange(ports, accountId, found.readUpTo, { deadline, signal: request.signal }))) {
    found = await findPage(context, collection, cursor, request.limit)
  }
  const { range, hasMore, readAt, isEmpty } = found
  // A reader that has everything knows it as of this reading; one that got nothing may as well come as it came.
  const next: Cursor = { seq: range.upTo, knewAll: hasMore ? cursor.knewAll : readAt }
  return {
    content: isEmpty && request.format === 'ndjson' ? nothing() : rowsOf(context, collection, columns, range, request),
    nextCursor: writeCursor(ports, accountId, collection.name, isEmpty && !isNew ? cursor : next),
    hasMore,
  }
}

interface FoundPage {
  range: Range
  isEmpty: boolean
  hasMore: boolean
  /** When it was looked for, and up to which place. */
  readAt: number
  readUpTo: number
}

/** The first `limit` changes after the cursor, up to the watermark. */
async function findPage(
  { ports, accountId }: Context,
  collection: Collection,
  cursor: Cursor,
  limit: number,
): Promise<FoundPage> {
  const readAt = ports.now()
  const { seq: readUpTo } = await readWatermark(ports, accountId)
  const after = cursor.seq
  await refuseLost(ports, accountId, [collection], cursor, readUpTo)
  const look = (from: number, max: number) =>
    ports.clickhouse.rows<{ found: number; last: number }>(placesStatement(collection), {
      accountId,
      after: from,
      upTo: readUpTo,
      limit: max,
    })
  const [places] = await look(after, limit)
  const { found, last } = places ?? { found: 0, last: 0 }
  if (found === 0) return { range: { after, upTo: after }, isEmpty: true, hasMore: false, readAt, readUpTo }
  const [beyond] = found < limit ? [] : await look(last, 1)
  const hasMore = (beyond?.found ?? 0) > 0
  return { range: { after, upTo: last }, isEmpty: false, hasMore, readAt, readUpTo }
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

function rowsOf(
  { ports, accountId }: Context,
  collection: Collection,
  columns: readonly ChangeColumn[],
  range: Range,
  { format, parquetCompression }: ChangesRequest,
): AsyncIterable<Uint8Array> {
  const parameters: Parameters = { accountId, ...range, rememberedFrom: rememberedFrom(ports.now()) }
  if (format === 'parquet') {
    const list = `SELECT\n  ${parquetColumns(columns)}`
    const settings = `${sortSettings}, output_format_parquet_compression_method = '${parquetCompression}'`
    return ports.clickhouse.stream(changesStatement(collection, list, settings), 'Parquet', parameters)
  }
  const list = `WITH ${emptyLists}\nSELECT ${jsonLine(columns)}`
  const settings = `${sortSettings}, max_block_size = 4096, output_format_json_escape_forward_slashes = 0`
  return ports.clickhouse.stream(changesStatement(collection, list, settings), 'RawBLOB', parameters)
}

/** A page of the longest texts sorts on the disk. */
const sortSettings = 'max_bytes_before_external_sort = 268435456'
