import type { Collection } from '../../domain/collections/collection.ts'
import { keyHash } from '../../domain/keyHash.ts'
import { collectionNamed, partCollections } from '../../domain/collections/all.ts'
import type { ClickHouse } from '../../store/clickhouse/clickhouse.ts'
import type { EndpointCall } from '../rows/endpoints.ts'
import { decodeRow, selectList } from '../rows/rowFormat.ts'
import { readBareCalls, readPartKeys } from './readBare.ts'
import type { StoredRecord } from '../storedRecord.ts'
import { yieldByTime } from '../../yieldByTime.ts'

/** The stored records that a commit needs: records by collection and key, and whole calls with their parts. */
export interface Needs {
  /** Keys by collection name, each with the `callId` of the write if it has one. */
  records: Map<string, Map<string, string | undefined>>
  /** Calls to load with all parts of these collections (replacement of turns). */
  wholeCalls: Map<string, readonly Collection[]>
  /** Calls whose part keys in these collections are needed for a deletion. */
  partKeys: Map<string, readonly Collection[]>
  /** Numbers of calls that may be deleted. */
  bareCalls: Set<number>
  /** External endpoints whose calls that started in `[from, to)` are needed. */
  repeats: { endpoints: Set<string>; from: number; to: number }
}

export interface Loaded {
  records: StoredRecord[]
  /** Records without their values, for deletion. */
  bare: StoredRecord[]
  endpointCalls: EndpointCall[]
  /** Ids of calls that exist, or whose hash another id shares. */
  callIds: Set<string>
}

/** Loads the current rows that match the needs. Only a commit may rely on them, because other commits change them. */
export async function loadRecords(clickhouse: ClickHouse, accountId: number, needs: Needs): Promise<Loaded> {
  const known = await probeKeys(clickhouse, accountId, needs)
  // Turns and other parts need only whether their call was deleted.
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
    // An existing call already has a copy.
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

/** The parts of calls that do not exist yet. When the hash of a call is shared, only a query finds its parts. */
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
  /** Ids that exist, or whose hash another id shares, by collection. */
  existing: Map<string, string[]>
  endpointCalls: EndpointCall[]
  /** Ids of calls with parts that arrived before them. */
  early: Set<string>
}

interface KeyRow {
  id: string
  collection: string
  number: number
  removed: number
  startedAt: number
}

/** Looks up every id of the commit in the key table at once: existing calls, parts and early parts. */
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
  // Endpoint keys contain a space and ids do not, so a shared hash cannot confuse the two.
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

/** Parts whose id exists: looks under the calls that the writes name, and then everywhere for the rest. */
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
