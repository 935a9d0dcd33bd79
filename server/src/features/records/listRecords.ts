import { requireScope, type Context } from '../../context.ts'
import type { Collection } from '../../domain/collections/collection.ts'
import { AppError } from '../../errors.ts'
import { requireCollection } from '../ingest/ingestRecords.ts'
import { readWatermark } from '../../recordLog/watermark.ts'
import { selectRecords } from '../../recordLog/readRecords.ts'
import type { StoredRecord } from '../../recordLog/storedRecord.ts'
import { knownCalls, recordAnswer, type RecordAnswer } from './record.ts'

export interface RecordPage {
  records: RecordAnswer[]
  /** Cursor of the next page; undefined on the last page. */
  nextCursor: string | undefined
}

/** Lists a page of a collection: calls by number, parts by call and id, references by id. */
export async function listRecords(
  context: Context,
  request: { collection: string; limit: number; cursor: string | undefined; callId: string | undefined },
): Promise<RecordPage> {
  requireScope(context, 'calls:read')
  const { number: lastNumber } = await readWatermark(context.ports, context.accountId)
  const collection = requireCollection(request.collection)
  if (request.callId !== undefined && !collection.isPart) {
    throw new AppError('BAD_REQUEST', `callId filters parts of calls; ${collection.name} are none.`)
  }
  const records: StoredRecord[] = []
  let after = request.cursor === undefined ? undefined : readCursor(collection, request.cursor)
  for (;;) {
    const read = await readPage(context, collection, { ...request, after, lastNumber, limit: request.limit + 1 })
    const visible = await visibleOf(context, collection, read)
    for (const record of visible) {
      if (records.length === request.limit) return pageOf(records, true)
      records.push(record)
    }
    const last = read.at(-1)
    if (!last || read.length <= request.limit) return pageOf(records, false)
    after = cursorOf(last)
  }
}

function pageOf(records: StoredRecord[], goesOn: boolean): RecordPage {
  const last = records.at(-1)
  const nextCursor = goesOn && last ? Buffer.from(JSON.stringify(cursorOf(last))).toString('base64url') : undefined
  return { records: records.map(recordAnswer), nextCursor }
}

type ListCursor = (string | number)[]

function cursorOf(record: StoredRecord): ListCursor {
  const { collection } = record
  if (collection.name === 'calls') return [record.number]
  if (!collection.isPart) return [record.key]
  return collection.key === 'callId' ? [record.key] : [String(record.callId), record.key]
}

function orderOf(collection: Collection): { column: string; type: string }[] {
  if (collection.name === 'calls') return [{ column: 'number', type: 'UInt64' }]
  const id = { column: 'id', type: 'String' }
  const callId = { column: 'call_id', type: 'String' }
  if (!collection.isPart) return [id]
  return collection.key === 'callId' ? [callId] : [callId, id]
}

function readCursor(collection: Collection, cursor: string): ListCursor {
  try {
    const place: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString())
    const order = orderOf(collection)
    const fits =
      Array.isArray(place) &&
      place.length === order.length &&
      place.every((entry, index) => (order[index]?.type === 'String') === (typeof entry === 'string'))
    if (fits) return place
  } catch {
    // Falls through to the one answer for every cursor that is not ours.
  }
  throw new AppError('BAD_REQUEST', 'cursor is not one that this list gave out; begin without it.')
}

/** Calls only up to the watermark: on a cluster a batch shows shard by shard, and a walk would miss what comes late. */
async function readPage(
  { ports, accountId }: Context,
  collection: Collection,
  {
    after,
    lastNumber,
    callId,
    limit,
  }: { after: ListCursor | undefined; lastNumber: number; callId: string | undefined; limit: number },
): Promise<StoredRecord[]> {
  const order = orderOf(collection)
  const columns = order.map(({ column }) => column).join(', ')
  const bounds = order.map(({ type }, index) => `{after${index}:${type}}`).join(', ')
  const parameters = Object.fromEntries((after ?? []).map((entry, index) => [`after${index}`, entry]))
  const conditions = [
    ...(collection.name === 'calls' ? ['number <= {lastNumber:UInt64}'] : []),
    ...(callId === undefined ? [] : ['call_id = {callId:String}']),
    ...(after === undefined ? [] : [`(${columns}) > (${bounds})`]),
  ]
  return selectRecords(ports.clickhouse, collection, {
    conditions,
    order: columns,
    parameters: { accountId, limit, lastNumber, ...(callId === undefined ? {} : { callId }), ...parameters },
  })
}

/** A part is hidden until its call exists. */
async function visibleOf(context: Context, collection: Collection, records: StoredRecord[]): Promise<StoredRecord[]> {
  if (!collection.isPart) return records
  const calls = await knownCalls(context, [...new Set(records.map((record) => String(record.callId)))])
  return records.filter((record) => calls.has(String(record.callId)))
}
