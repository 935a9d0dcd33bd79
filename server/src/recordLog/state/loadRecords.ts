import type { Collection } from '../../domain/collections/collection.ts'
import { keyHash } from '../../domain/keyHash.ts'
import { collectionNamed, partCollections } from '../../domain/collections/all.ts'
import type { ClickHouse } from '../../store/clickhouse/clickhouse.ts'
import type { EndpointCall } from '../rows/endpoints.ts'
import { decodeRow, selectList } from '../rows/rowFormat.ts'
import { readBareCalls, readPartKeys } from './readBare.ts'
import type { StoredRecord } from '../storedRecord.ts'
import { yieldByTime } from '../../yieldByTime.ts'

/** What a turn needs to know of the store: records by collection and key, and whole calls with their parts. */
export interface Needs {
  /** Keys by collection name; for parts with the call that the write names, where it names one. */
  records: Map<string, Map<string, string | undefined>>
  /** Calls that are needed with every part of these collections (replacement of turns). */
  wholeCalls: Map<string, readonly Collection[]>
  /** Calls of whose parts of these collections the keys are needed, to take them away. */
  partKeys: Map<string, readonly Collection[]>
  /** Numbers of calls that may be taken away. */
  bareCalls: Set<number>
  /** External endpoints whose calls that started in `[from, to)` are needed. */
  repeats: { endpoints: Set<string>; from: number; to: number }
}

export interface Loaded {
  records: StoredRecord[]
  /** Records without their values, to be taken away. */
  bare: StoredRecord[]
  endpointCalls: EndpointCall[]
  /** Ids of calls that are there, or whose hash is. */
  callIds: Set<string>
}

/** The current rows that match the needs. Reads the account's newest state, so only its turn may rely on it. */
export async function loadRecords(clickhouse: ClickHouse, accountId: number, needs: Needs): Promise<Loaded> {
  const known = await probeKeys(clickhouse, accountId, needs)
  // Turns and other parts only ask whether their call was deleted.
  const isNeeded = (id: string): boolean =>
    needs.wholeCalls.has(id) || ['calls', 'evaluations', 'surveys'].some((name) => needs.records.get(name)?.has(id))
  const reads: Promise<StoredRecord[]>[] = []
  const numbers = new Set<number>()
  for (const keys of known.calls.values())
    for (const key of keys) if (key.removed || isNeeded(key.id)) numbers.add(key.number)
  if (numbers.size > 0) reads.push(readCalls(clickhouse, accountId, [...numbers]))
  for (const [name, keys] of needs.records) {
    const collection = collectionNamed(name)
    if (!collection || name === 'calls') continue
    if (!collection.isPart) reads.push(readByKey(clickhouse, accountId, collection, 'id', [...keys.keys()]))
    else if (collection.key === 'id') reads.push(readParts(clickhouse, accountId, collection, keys, known))
  }
  for (const name of ['evaluations', 'surveys']) {
    const collection = collectionNamed(name)
    // A call that exists carries its own copy.
    const isNewCall = (id: string): boolean => !known.calls.has(id) && (needs.records.get('calls')?.has(id) ?? false)
    const callIds = (known.existing.get(name) ?? []).filter(
      (callId) => needs.records.get(name)?.has(callId) || isNewCall(callId),
    )
    if (collection && callIds.length > 0) reads.push(readByKey(clickhouse, accountId, collection, 'call_id', callIds))
  }
  for (const collection of partCollections) {
    const whole = [...needs.wholeCalls].filter(([, parts]) => parts.includes(collection)).map(([callId]) => callId)
    if (whole.length > 0) reads.push(readByKey(clickhouse, accountId, collection, 'call_id', whole))
  }
  const [bareCalls, partKeys, ...found] = await Promise.all([
    readBareCalls(clickhouse, accountId, needs.bareCalls),
    readPartKeys(clickhouse, accountId, needs.partKeys),
    ...reads,
  ])
  const records = found.flat()
  const early = await readEarlyParts(clickhouse, accountId, needs, known, records)
  const callIds = new Set(known.calls.keys())
  const bare = [...bareCalls, ...partKeys]
  return { records: [...early, ...records], bare, endpointCalls: known.endpointCalls, callIds }
}

/** The parts of calls that are not there yet; of a call whose hash is another's only looking tells. */
async function readEarlyParts(
  clickhouse: ClickHouse,
  accountId: number,
  needs: Needs,
  known: KnownKeys,
  records: StoredRecord[],
): Promise<StoredRecord[]> {
  const wanted = needs.records.get('calls')
  if (!wanted || (known.early.size === 0 && known.calls.size === 0)) return []
  const found = new Set(records.flatMap(({ collection, key }) => (collection.name === 'calls' ? [key] : [])))
  const callIds = [...new Set([...known.early, ...known.calls.keys()])].filter((id) => wanted.has(id) && !found.has(id))
  if (callIds.length === 0) return []
  const reads = partCollections.map((parts) => readByKey(clickhouse, accountId, parts, 'call_id', callIds))
  return (await Promise.all(reads)).flat()
}

interface KnownKeys {
  /** Keys of calls by id; several only where hashes collide. */
  calls: Map<string, KeyRow[]>
  /** Ids that exist, or whose hash does, by collection. */
  existing: Map<string, string[]>
  endpointCalls: EndpointCall[]
  /** Ids of calls whose parts came before them. */
  early: Set<string>
}

interface KeyRow {
  id: string
  collection: string
  number: number
  removed: number
  startedAt: number
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
  const known: KnownKeys = { calls: new Map(), existing: new Map(), endpointCalls: [], early: new Set() }
  const { endpoints, from, to } = needs.repeats
  for (const key of endpoints) ids.add(key)
  if (ids.size === 0) return known
  const byHash = Map.groupBy(ids, keyHash)
  const rows = await clickhouse.rows<Omit<KeyRow, 'id'> & { hash: number }>(
    `SELECT
       id_hash AS hash,
       collection,
       number,
       argMax(removed, batch) AS removed,
       toUnixTimestamp64Milli(argMax(started_at, batch)) AS startedAt
     FROM record_keys
     WHERE account_id = {accountId:UInt32}
       AND id_hash IN {hashes:Array(UInt64)}
     GROUP BY id_hash, collection, number
     HAVING collection != 'endpoints'
       OR (removed = 0 AND startedAt >= {from:Int64} AND startedAt < {to:Int64})`,
    { accountId, from, to, hashes: [...byHash.keys()] },
  )
  for (const row of rows) {
    for (const id of byHash.get(row.hash) ?? []) noteKey(known, { ...row, id })
  }
  return known
}

function noteKey(known: KnownKeys, key: KeyRow): void {
  const { id, number, startedAt } = key
  // Endpoints hold a space, ids do not: a shared hash mixes nothing up.
  if (id.includes(' ') !== (key.collection === 'endpoints')) return
  if (key.collection === 'endpoints') known.endpointCalls.push({ endpoint: id, number, startedAt })
  else if (key.collection === 'early') known.early.add(id)
  else if (key.collection === 'calls') known.calls.set(id, [...(known.calls.get(id) ?? []), key])
  else known.existing.set(key.collection, [...(known.existing.get(key.collection) ?? []), id])
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
  const foundKeys = new Set(found.map((record) => record.key))
  const elsewhere = ids.filter((id) => !foundKeys.has(id))
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
  const records: StoredRecord[] = []
  const pause = yieldByTime()
  for (const row of rows) {
    records.push(decodeRow(collection, row))
    const others = pause()
    if (others) await others
  }
  return records
}
