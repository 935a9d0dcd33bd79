import { requireScope, type Context } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { onEachShard } from '../../store/clickhouse/clickhouse.ts'
import { readWatermark } from '../../recordLog/watermark.ts'
import { shownCall, shownColumns, type ShownCall } from './callColumns.ts'
import { conditionOf, type CallFilter } from './callFilter.ts'
import {
  afterPosition,
  boundOf,
  keyColumn,
  orderBy,
  type CallOrder,
  type SortPosition,
  type SortField,
} from './callOrder.ts'
import { countCalls } from './countCalls.ts'
import { readListCursor, writeListCursor } from './listCursor.ts'
import { startedRange } from './startedRange.ts'
import type { Condition } from './textSearch.ts'

export interface CallListRequest {
  limit: number
  offset: number
  /** `start` or the cursor of the previous page; undefined for pages by offset. */
  cursor: string | undefined
  /** Sorted by start by default; when listing by cursor, by order of arrival. */
  sortBy: SortField | undefined
  /** Descending by default. */
  sortOrder: CallOrder['direction'] | undefined
  /** The range of starts, `from` included and `to` excluded: dates or times, see `startedRange`. */
  from: string | undefined
  to: string | undefined
  filter: CallFilter
}

export interface CallPage {
  calls: ShownCall[]
  /** Count of all matching calls, independent of the page. */
  total: number
  /** When listing by cursor, the cursor of the next page; null on the last page. */
  nextCursor: string | null
}

/** Reads a page of the account's calls. Throws VALIDATION_ERROR for an invalid cursor, time or text. */
export async function listCalls(context: Context, request: CallListRequest): Promise<CallPage> {
  requireScope(context, 'calls:read')
  const { ports, accountId } = context
  const { order, position } = startOf(context, request)
  const range = await startedRange(ports, accountId, request)
  const watermark = await readWatermark(ports, accountId)
  const matching = conditionOf(accountId, watermark.number, request.filter, range)
  const isWalk = request.cursor !== undefined
  const window = { order, position, offset: request.offset, limit: request.limit + (isWalk ? 1 : 0) }
  const [total, rows] = await Promise.all([
    countCalls(ports, watermark, matching),
    readPage(context, matching, watermark.number, { ...window, isBounded: request.filter.text === undefined }),
  ])
  const page = rows.slice(0, request.limit)
  const last = page.at(-1)
  const goesOn = isWalk && rows.length > request.limit && last !== undefined
  return {
    calls: page.map(shownCall),
    total,
    nextCursor: goesOn ? writeListCursor(ports, accountId, { order, position: positionOf(last) }) : null,
  }
}

/** The order of the page, and the position after which it begins. */
function startOf(
  { ports, accountId }: Context,
  request: CallListRequest,
): { order: CallOrder; position: SortPosition | undefined } {
  const { cursor, sortBy, sortOrder } = request
  if (cursor === undefined) {
    return { order: { field: sortBy ?? 'startedAt', direction: sortOrder ?? 'desc' }, position: undefined }
  }
  if (request.offset > 0) refuse('offset', 'must be left out beside a cursor, which says itself where the page begins')
  if (cursor === 'start') {
    return { order: { field: sortBy ?? 'number', direction: sortOrder ?? 'desc' }, position: undefined }
  }
  const { order, position } = readListCursor(ports, accountId, cursor)
  if (sortBy !== undefined && sortBy !== order.field) refuse('sort_by', 'must stay as it was when the walk began')
  if (sortOrder !== undefined && sortOrder !== order.direction) {
    refuse('sort_order', 'must stay as it was when the walk began')
  }
  return { order, position }
}

interface PageWindow {
  order: CallOrder
  position: SortPosition | undefined
  offset: number
  limit: number
  /** Whether finding a bound first is worthwhile: not if the filter itself is the expensive part. */
  isBounded: boolean
}

async function readPage(
  { ports }: Context,
  matching: Condition,
  lastNumber: number,
  { order, position, offset, limit, isBounded }: PageWindow,
): Promise<Record<string, unknown>[]> {
  const after = position && afterPosition(order, position)
  const wanted = after ? `${matching.sql}\n       AND ${after.sql}` : matching.sql
  const bound = isBounded ? boundOf(order, wanted, { count: offset + limit, lastNumber, position }) : undefined
  return ports.clickhouse.rows<Record<string, unknown>>(
    `SELECT
       ${shownColumns},
       ${keyColumn(order)} AS sort_key
     FROM calls FINAL
     WHERE ${wanted}
       ${bound ? `AND ${bound.sql}` : ''}
     ORDER BY ${orderBy(order)}
     LIMIT {limit:UInt64} OFFSET {offset:UInt64}
     SETTINGS ${onEachShard}`,
    { ...matching.parameters, ...after?.parameters, ...bound?.parameters, limit, offset },
  )
}

function positionOf(row: Record<string, unknown>): SortPosition {
  const key = row['sort_key']
  return { key: key === null ? null : Number(key), number: Number(row['number']) }
}

function refuse(field: string, message: string): never {
  throw new AppError('VALIDATION_ERROR', `${field} ${message}.`, { details: [{ field, message }] })
}
