import type { Collection } from '../../domain/collections/collection.ts'
import { collectionNamed, partCollections } from '../../domain/collections/all.ts'
import type { ClickHouse } from '../../store/clickhouse.ts'
import { decodeRow, selectList } from './rowFormat.ts'
import { removal, type StoredRecord } from './storedRecord.ts'

/** What a turn needs to know of the store: records by collection and key, and whole calls with their parts. */
export interface Needs {
  /** Keys by collection name; for parts with the call that the write names, where it names one. */
  records: Map<string, Map<string, string | undefined>>
  /** Calls of which every part of these collections is needed (deletion, replacement of turns). */
  wholeCalls: Map<string, readonly Collection[]>
}

/** The current rows that match the needs. Reads the account's newest state, so only its turn may rely on it. */
export async function loadRecords(clickhouse: ClickHouse, accountId: number, needs: Needs): Promise<StoredRecord[]> {
  const known = await probeKeys(clickhouse, accountId, needs)
  // Turns and other parts only ask whether their call was deleted.
  const isNeeded = (id: string): boolean =>
    needs.wholeCalls.has(id) || ['calls', 'evaluations', 'surveys'].some((name) => needs.records.get(name)?.has(id))
  const reads: Promise<StoredRecord[]>[] = []
  const numbers = [...known.calls.values()].flatMap((keys) => keys.filter((key) => key.removed || isNeeded(key.id)))
  if (numbers.length > 0)
    reads.push(
      readCalls(
        clickhouse,
        accountId,
        numbers.map((key) => key.number),
      ),
    )
  for (const [name, keys] of needs.records) {
    const collection = collectionNamed(name)
    if (!collection || name === 'calls') continue
    if (!collection.isPart) reads.push(readByKey(clickhouse, accountId, collection, 'id', [...keys.keys()]))
    else if (collection.key === 'id') reads.push(readParts(clickhouse, accountId, collection, keys, known))
  }
  for (const name of ['evaluations', 'surveys']) {
    const collection = collectionNamed(name)
    // A call that exists carries its own copy.
    const callIds = (known.existing.get(name) ?? []).filter(
      (callId) => needs.records.get(name)?.has(callId) || !known.calls.has(callId),
    )
    if (collection && callIds.length > 0) reads.push(readByKey(clickhouse, accountId, collection, 'call_id', callIds))
  }
  for (const collection of partCollections) {
    const whole = [...needs.wholeCalls].filter(([, parts]) => parts.includes(collection)).map(([callId]) => callId)
    if (whole.length > 0) reads.push(readByKey(clickhouse, accountId, collection, 'call_id', whole))
  }
  return (await Promise.all(reads)).flat()
}

interface KnownKeys {
  /** Keys of calls by id; several only where hashes collide. */
  calls: Map<string, KeyRow[]>
  /** Ids that exist, or whose hash does, by collection. */
  existing: Map<string, string[]>
}

interface KeyRow {
  id: string
  collection: string
  number: number
  removed: number
}

/** One probe for every id of the turn: which calls, parts and early evaluations there are. */
async function probeKeys(clickhouse: ClickHouse, accountId: number, needs: Needs): Promise<KnownKeys> {
  const ids = new Set<string>(needs.wholeCalls.keys())
  for (const [name, keys] of needs.records) {
    const collection = collectionNamed(name)
    if (!collection || (!collection.isPart && name !== 'calls')) continue
    for (const [key, callId] of keys) {
      ids.add(key)
      if (callId !== undefined) ids.add(callId)
    }
  }
  const known: KnownKeys = { calls: new Map(), existing: new Map() }
  if (ids.size === 0) return known
  const rows = await clickhouse.rows<KeyRow>(
    `SELECT
       asked.id AS id,
       record_keys.collection AS collection,
       record_keys.number AS number,
       argMax(record_keys.removed, record_keys.batch) AS removed
     FROM record_keys
     INNER JOIN
     (
       SELECT arrayJoin({ids:Array(String)}) AS id, cityHash64(id) AS id_hash
     ) AS asked ON asked.id_hash = record_keys.id_hash
     WHERE record_keys.account_id = {accountId:UInt32}
       AND record_keys.id_hash IN (SELECT cityHash64(arrayJoin({ids:Array(String)})))
     GROUP BY id, collection, number`,
    { accountId, ids: [...ids] },
  )
  for (const row of rows) {
    if (row.collection === 'calls') known.calls.set(row.id, [...(known.calls.get(row.id) ?? []), row])
    else known.existing.set(row.collection, [...(known.existing.get(row.collection) ?? []), row.id])
  }
  return known
}

async function readCalls(clickhouse: ClickHouse, accountId: number, numbers: number[]): Promise<StoredRecord[]> {
  return read(clickhouse, 'calls', 'number IN {numbers:Array(UInt64)}', { accountId, numbers })
}

async function readByKey(
  clickhouse: ClickHouse,
  accountId: number,
  collection: Collection,
  column: 'id' | 'call_id',
  keys: string[],
): Promise<StoredRecord[]> {
  return read(clickhouse, collection.name, `${column} IN {keys:Array(String)}`, { accountId, keys })
}

/** Parts whose id is taken: looked for under the calls that the writes name, then, for what is left, anywhere. */
async function readParts(
  clickhouse: ClickHouse,
  accountId: number,
  collection: Collection,
  keys: Map<string, string | undefined>,
  known: KnownKeys,
): Promise<StoredRecord[]> {
  const ids = (known.existing.get(collection.name) ?? []).filter((id) => keys.has(id))
  if (ids.length === 0) return []
  const callIds = [...new Set(ids.flatMap((id) => keys.get(id) ?? []))]
  const found =
    callIds.length === 0
      ? []
      : await read(clickhouse, collection.name, 'call_id IN {callIds:Array(String)} AND id IN {ids:Array(String)}', {
          accountId,
          callIds,
          ids,
        })
  const places = new Set(found.map((record) => record.key))
  const elsewhere = ids.filter((id) => !places.has(id))
  if (elsewhere.length === 0) return found
  return [...found, ...(await readByKey(clickhouse, accountId, collection, 'id', elsewhere))]
}

async function read(
  clickhouse: ClickHouse,
  name: string,
  condition: string,
  parameters: Record<string, unknown>,
): Promise<StoredRecord[]> {
  const collection = collectionNamed(name)
  if (!collection) return []
  const rows = await clickhouse.rows<Record<string, unknown>>(
    `SELECT
       ${selectList(collection)}
     FROM ${collection.table} FINAL
     WHERE account_id = {accountId:UInt32}
       AND ${condition}`,
    parameters,
  )
  return rows.map((row) => decodeRow(collection, row))
}

/** Earlier calls between the same endpoints, for `dailyRepeatCalls`. */
export interface EndpointCall {
  number: number
  external: string
  internal: string
  startedAt: number
}

/** Calls with one of these external endpoints that started in `[from, to)`. */
export async function loadEndpointCalls(
  clickhouse: ClickHouse,
  accountId: number,
  externals: string[],
  from: number,
  to: number,
): Promise<EndpointCall[]> {
  return clickhouse.rows<EndpointCall>(
    `SELECT
       number,
       assumeNotNull(external_endpoint) AS external,
       ifNull(internal_endpoint, '') AS internal,
       toUnixTimestamp64Milli(started_at) AS startedAt
     FROM calls FINAL
     WHERE account_id = {accountId:UInt32}
       AND started_at >= fromUnixTimestamp64Milli({from:Int64}, 'UTC')
       AND started_at < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
       AND external_endpoint IN {externals:Array(String)}
       AND removed = ${removal.none}`,
    { accountId, externals, from, to },
  )
}
