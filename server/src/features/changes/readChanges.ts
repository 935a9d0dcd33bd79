import { requireScope, type Context } from '../../context.ts'
import type { Collection } from '../../domain/collections/collection.ts'
import type { Parameters } from '../../store/clickhouse/clickhouse.ts'
import { requireCollection } from '../ingest/ingestRecords.ts'
import { readWatermark } from '../../recordLog/watermark.ts'
import { awaitChange } from './awaitChange.ts'
import { chosenColumns, type ChangeColumn } from './changeColumns.ts'
import { changesStatement, sequencesStatement, type Range } from './changeStatements.ts'
import { decodeCursor, encodeCursor, type Cursor } from './cursor.ts'
import { emptyLists, jsonLine } from './jsonLine.ts'
import { refuseLostCursor, rememberedFrom } from './lostCursor.ts'
import { parquetColumns } from './parquetColumns.ts'

export type ChangeFormat = 'ndjson' | 'parquet'

/** Compression of the pages of a Parquet file. */
type ParquetCompression = 'zstd' | 'gzip' | 'none'

export interface ChangesRequest {
  collection: string
  /** The cursor of the previous page; undefined starts from the beginning. */
  cursor: string | undefined
  /** Maximum changes in the page. */
  limit: number
  /** Field names; empty for all. */
  fields: readonly string[]
  format: ChangeFormat
  parquetCompression: ParquetCompression
  /** How long to wait for a change if there is none. */
  waitMs: number
  /** Aborts the wait. */
  signal: AbortSignal
}

export interface ChangesPage {
  /** The page in the requested format, as the engine writes it. */
  content: AsyncIterable<Uint8Array>
  /** The cursor of the next page. */
  nextCursor: string
  /** Whether more changes exist already. */
  hasMore: boolean
}

/**
 * Reads a page of the changes of a collection after a cursor: each record once, in its current state, in the order of
 * its last change, with deletions. Throws GONE for a cursor so old that some deletions are no longer reported.
 */
export async function readChanges(context: Context, request: ChangesRequest): Promise<ChangesPage> {
  requireScope(context, 'calls:read')
  const { ports, accountId } = context
  const collection = requireCollection(request.collection)
  const columns = chosenColumns(collection, request.fields)
  const isNew = request.cursor === undefined || request.cursor === ''
  const cursor = isNew
    ? { seq: 0, caughtUpAt: ports.now() }
    : decodeCursor(ports, accountId, [collection.name], request.cursor ?? '')
  const deadline = performance.now() + request.waitMs
  let found = await findPage(context, collection, cursor, request.limit)
  while (found.isEmpty && (await awaitChange(ports, accountId, found.readUpTo, { deadline, signal: request.signal }))) {
    found = await findPage(context, collection, cursor, request.limit)
  }
  const { range, hasMore, readAt, isEmpty } = found
  // A reader at the end has seen everything as of this reading; a reader with an empty page keeps its cursor.
  const next: Cursor = { seq: range.upTo, caughtUpAt: hasMore ? cursor.caughtUpAt : readAt }
  return {
    content: isEmpty && request.format === 'ndjson' ? nothing() : rowsOf(context, collection, columns, range, request),
    nextCursor: encodeCursor(ports, accountId, collection.name, isEmpty && !isNew ? cursor : next),
    hasMore,
  }
}

interface FoundPage {
  range: Range
  isEmpty: boolean
  hasMore: boolean
  /** When the page was searched, and the watermark up to which it was searched. */
  readAt: number
  readUpTo: number
}

/** Finds the first `limit` changes after the cursor, up to the watermark. */
async function findPage(
  { ports, accountId }: Context,
  collection: Collection,
  cursor: Cursor,
  limit: number,
): Promise<FoundPage> {
  const readAt = ports.now()
  const { seq: readUpTo } = await readWatermark(ports, accountId)
  const after = cursor.seq
  await refuseLostCursor(ports, accountId, [collection], cursor, readUpTo)
  const query = (from: number, max: number) =>
    ports.clickhouse.rows<{ found: number; last: number }>(sequencesStatement(collection), {
      accountId,
      after: from,
      upTo: readUpTo,
      limit: max,
    })
  const [page] = await query(after, limit)
  const { found, last } = page ?? { found: 0, last: 0 }
  if (found === 0) return { range: { after, upTo: after }, isEmpty: true, hasMore: false, readAt, readUpTo }
  const [beyond] = found < limit ? [] : await query(last, 1)
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

/** The engine sorts a page of very long texts on disk. */
const sortSettings = 'max_bytes_before_external_sort = 268435456'
