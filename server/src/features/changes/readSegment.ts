import type { Ports } from '../../ports.ts'
import type { Collection } from '../../domain/collections/collection.ts'
import { readWatermark } from '../../recordLog/watermark.ts'
import { changeColumns } from './changeColumns.ts'
import { changesStatement, sequencesStatement } from './changeStatements.ts'
import { everyCollection, encodeCursor, type Cursor } from './cursor.ts'
import { emptyLists, jsonLine } from './jsonLine.ts'
import { refuseLostCursor, rememberedFrom } from './lostCursor.ts'

/** A changed record. */
export interface Change {
  seq: number
  collection: string
  /** The call that the record is or belongs to; empty for other records. */
  callId: string
  /** The record as pages render it, without the line break. */
  line: string
  /** The cursor of a reader that has read up to this change. */
  cursor: string
}

/** All changes of some collections after the sequence `after`, up to the cursor's. */
export interface Segment {
  after: number
  /** The collections that were read. */
  collections: ReadonlySet<Collection>
  changes: Change[]
  cursor: Cursor
  isAtEnd: boolean
}

/** Maximum changes of one collection in a segment. */
const maxChanges = 500
/** Maximum characters of all lines of a segment, unless it is a single line: a slow reader keeps them in memory. */
const maxCharacters = 1_000_000

/**
 * Reads the next changes of the collections after a cursor, in the account's order over all of them, up to the
 * watermark. Throws GONE for a cursor that cannot be continued, UNAVAILABLE while a store is unavailable.
 */
export async function readSegment(
  ports: Ports,
  accountId: number,
  collections: ReadonlySet<Collection>,
  cursor: Cursor,
): Promise<Segment> {
  const readAt = ports.now()
  const { seq: readUpTo } = await readWatermark(ports, accountId)
  const after = cursor.seq
  await refuseLostCursor(ports, accountId, [...collections], cursor, readUpTo)
  const ranges =
    after === readUpTo ? [] : await readSequenceRanges(ports, accountId, collections, { after, upTo: readUpTo })
  const upTo = Math.min(readUpTo, ...ranges.filter(({ found }) => found === maxChanges).map(({ last }) => last))
  const parameters = { accountId, after, upTo, rememberedFrom: rememberedFrom(ports.now()) }
  const found = await Promise.all(
    ranges.map(async ({ collection }) => {
      const rows = await ports.clickhouse.rows<Row>(rowsStatement(collection), parameters)
      return rows.map((row) => changeOf(ports, accountId, collection, row, cursor.caughtUpAt))
    }),
  )
  const all = found.flat().toSorted((left, right) => left.seq - right.seq)
  const changes = firstOf(all)
  const seq = changes.length < all.length ? (changes.at(-1)?.seq ?? after) : upTo
  const isAtEnd = seq === readUpTo
  return { after, collections, changes, cursor: { seq, caughtUpAt: isAtEnd ? readAt : cursor.caughtUpAt }, isAtEnd }
}

/** Returns the first changes within the limit of characters, at least one. */
function firstOf(changes: Change[]): Change[] {
  let characters = 0
  const end = changes.findIndex(({ line }, index) => {
    characters += line.length
    return index > 0 && characters > maxCharacters
  })
  return end === -1 ? changes : changes.slice(0, end)
}

interface SequenceRange {
  collection: Collection
  found: number
  last: number
}

/** Finds the range of the first changes of each collection that has some, in one statement. */
async function readSequenceRanges(
  ports: Ports,
  accountId: number,
  collections: ReadonlySet<Collection>,
  range: { after: number; upTo: number },
): Promise<SequenceRange[]> {
  const asked = [...collections]
  const queries = asked.map(
    (collection, index) => `SELECT ${index} AS index, found, last\nFROM\n(\n${sequencesStatement(collection)}\n)`,
  )
  const rows = await ports.clickhouse.rows<{ index: number; found: number; last: number }>(
    queries.join('\nUNION ALL\n'),
    {
      accountId,
      ...range,
      limit: maxChanges,
    },
  )
  return rows.flatMap(({ index, found, last }) => {
    const collection = asked[index]
    return collection && found > 0 ? [{ collection, found, last }] : []
  })
}

interface Row {
  seq: number
  call: string
  line: string
}

/** Selects the changes of a range as pages render them, each with its sequence and call. */
function rowsStatement(collection: Collection): string {
  const call = collection.name === 'calls' ? 'record.id' : collection.isPart ? 'record.call_id' : "''"
  const list = `WITH ${emptyLists}
SELECT
  record.seq AS seq,
  ${call} AS call,
  ${jsonLine(changeColumns(collection))} AS line`
  return changesStatement(collection, list, 'output_format_json_escape_forward_slashes = 0')
}

/** Within a segment the reader has not caught up further, so its time stays that of the segment's start. */
function changeOf(
  ports: Ports,
  accountId: number,
  collection: Collection,
  { seq, call, line }: Row,
  caughtUpAt: number,
): Change {
  return {
    seq,
    collection: collection.name,
    callId: call,
    line: line.trimEnd(),
    cursor: encodeCursor(ports, accountId, everyCollection, { seq, caughtUpAt }),
  }
}
