import type { Ports } from '../../ports.ts'
import type { Collection } from '../../domain/collections/collection.ts'
import { readWatermark } from '../../recordLog/watermark.ts'
import { changeColumns } from './changeColumns.ts'
import { changesStatement, placesStatement } from './changeStatements.ts'
import { everyCollection, writeCursor, type Cursor } from './cursor.ts'
import { emptyLists, jsonLine } from './jsonLine.ts'
import { refuseLost, rememberedFrom } from './lostPlace.ts'

/** One record that changed. */
export interface Change {
  seq: number
  collection: string
  /** The call that it is or belongs to; empty for other records. */
  callId: string
  /** The record as the pages give it, without the line's end. */
  line: string
  /** Where a reader goes on that has come up to here. */
  cursor: string
}

/** Everything that changed in some collections above the place `after`, up to the cursor's. */
export interface Stretch {
  after: number
  /** The collections that it tells of. */
  collections: ReadonlySet<Collection>
  changes: Change[]
  cursor: Cursor
  isAtEnd: boolean
}

/** Changes of one collection in a stretch. */
const maxChanges = 500
/** How long its lines may be together, unless it is a single one: a reader that is slow holds them in memory. */
const maxCharacters = 1_000_000

/**
 * The next changes of the collections after a cursor, in the account's order over all of them, up to the watermark. Throws
 * GONE for a cursor that cannot be continued, UNAVAILABLE while a store is away.
 */
export async function readStretch(
  ports: Ports,
  accountId: number,
  collections: ReadonlySet<Collection>,
  cursor: Cursor,
): Promise<Stretch> {
  const readAt = ports.now()
  const { seq: readUpTo } = await readWatermark(ports, accountId)
  const after = cursor.seq
  await refuseLost(ports, accountId, [...collections], cursor, readUpTo)
  const ranges =
    after === readUpTo ? [] : await readSequenceRanges(ports, accountId, collections, { after, upTo: readUpTo })
  const upTo = Math.min(readUpTo, ...ranges.filter(({ found }) => found === maxChanges).map(({ last }) => last))
  const parameters = { accountId, after, upTo, rememberedFrom: rememberedFrom(ports.now()) }
  const found = await Promise.all(
    ranges.map(async ({ collection }) => {
      const rows = await ports.clickhouse.rows<Row>(rowsStatement(collection), parameters)
      return rows.map((row) => changeOf(ports, accountId, collection, row, cursor.knewAll))
    }),
  )
  const all = found.flat().toSorted((left, right) => left.seq - right.seq)
  const changes = firstOf(all)
  const seq = changes.length < all.length ? (changes.at(-1)?.seq ?? after) : upTo
  const isAtEnd = seq === readUpTo
  return { after, collections, changes, cursor: { seq, knewAll: isAtEnd ? readAt : cursor.knewAll }, isAtEnd }
}

/** The first changes that are not too long together, at least one. */
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

/** The first places in each collection that has some, by one statement. */
async function readSequenceRanges(
  ports: Ports,
  accountId: number,
  collections: ReadonlySet<Collection>,
  range: { after: number; upTo: number },
): Promise<SequenceRange[]> {
  const asked = [...collections]
  const looks = asked.map(
    (collection, index) => `SELECT ${index} AS index, found, last\nFROM\n(\n${placesStatement(collection)}\n)`,
  )
  const rows = await ports.clickhouse.rows<{ index: number; found: number; last: number }>(
    looks.join('\nUNION ALL\n'),
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

/** The changes of a range as the pages give them, each with its place and call. */
function rowsStatement(collection: Collection): string {
  const call = collection.name === 'calls' ? 'record.id' : collection.isPart ? 'record.call_id' : "''"
  const list = `WITH ${emptyLists}
SELECT
  record.seq AS seq,
  ${call} AS call,
  ${jsonLine(changeColumns(collection))} AS line`
  return changesStatement(collection, list, 'output_format_json_escape_forward_slashes = 0')
}

/** In the middle of a stretch its reader knows no more than at its beginning. */
function changeOf(
  ports: Ports,
  accountId: number,
  collection: Collection,
  { seq, call, line }: Row,
  knewAll: number,
): Change {
  return {
    seq,
    collection: collection.name,
    callId: call,
    line: line.trimEnd(),
    cursor: writeCursor(ports, accountId, everyCollection, { seq, knewAll }),
  }
}
