import { requireScope, type Context } from '../../context.ts'
import type { Collection } from '../../domain/collections/collection.ts'
import { keyHash } from '../../domain/keyHash.ts'
import { sql } from '../../store/postgres/postgres.ts'
import type { Expiry } from '../../recordLog/command.ts'
import { waitUntilReadable } from '../../recordLog/waitUntilReadable.ts'
import { batchesOf, countParts } from './batches.ts'
import { expireBatch } from './expireBatch.ts'
import { isOver, type Pass } from './pass.ts'

const partsAtOnce = 20_000

/** A part's sequence in the account's change order. */
interface PartPlace {
  seq: number
  callId: string
}

/**
 * Deletes the parts of a collection that were last received before an instant (milliseconds since 1970) and still have
 * no call. Follows the account's change order, in which parts are sorted by arrival, and stores its progress, so that
 * each part is checked once. Returns false when the pass ended before everything was checked.
 */
export async function expireEarlyParts(
  context: Context,
  collection: Collection,
  before: number,
  pass: Pass = {},
): Promise<boolean> {
  requireScope(context, 'admin')
  await waitUntilReadable(context.ports, context.accountId)
  for (;;) {
    if (isOver(pass)) return false
    const page = await partsAfter(context, collection, await readChecked(context, collection))
    const old = page.slice(0, await countOld(context, collection, page, before))
    const last = old.at(-1)
    if (!last) return true
    const parts = await countParts(context, [collection], await callsThatNeverCame(context, old))
    const due = [...parts.keys()].map((id) => ({ id }))
    for (const { calls, records } of batchesOf(due, parts)) {
      const callIds = calls.map(({ id }) => id)
      const work: Expiry = { kind: 'expire', what: 'earlyParts', collection, callIds, records, receivedBefore: before }
      await expireBatch(context, work, before)
      await waitUntilReadable(context.ports, context.accountId)
    }
    await keepChecked(context, collection, last.seq)
  }
}

async function partsAfter({ ports, accountId }: Context, { table }: Collection, after: number): Promise<PartPlace[]> {
  return ports.clickhouse.rows(
    `SELECT seq, call_id AS callId
     FROM ${table}
     WHERE account_id = {accountId:UInt32}
       AND seq > {after:UInt64}
     ORDER BY seq
     LIMIT {partsAtOnce:UInt32}`,
    { accountId, after, partsAtOnce },
  )
}

/** Counts the leading parts that were received before the instant; higher sequences were assigned later. */
async function countOld(context: Context, collection: Collection, page: PartPlace[], before: number): Promise<number> {
  const isOld = (index: number) => wasReceivedBefore(context, collection, page[index], before)
  // Usually none or all of them are old.
  if (!(await isOld(0))) return 0
  if (await isOld(page.length - 1)) return page.length
  let [old, young] = [0, page.length - 1]
  while (young - old > 1) {
    const middle = Math.floor((old + young) / 2)
    if (await isOld(middle)) old = middle
    else young = middle
  }
  return young
}

/** Returns false also for a part that is missing or was just rewritten; a later pass checks it. */
async function wasReceivedBefore(
  { ports, accountId }: Context,
  { table }: Collection,
  place: PartPlace | undefined,
  before: number,
): Promise<boolean> {
  if (!place) return false
  const rows = await ports.clickhouse.rows<{ updatedAt: number }>(
    `SELECT toUnixTimestamp64Milli(updated_at) AS updatedAt
     FROM ${table}
     WHERE account_id = {accountId:UInt32}
       AND call_id = {callId:String}
       AND seq = {seq:UInt64}
     LIMIT 1`,
    { accountId, ...place },
  )
  return rows.some(({ updatedAt }) => updatedAt < before)
}

/** Returns the call ids of the parts that no call of the account has. */
async function callsThatNeverCame({ ports, accountId }: Context, parts: PartPlace[]): Promise<string[]> {
  const byHash = new Map(parts.map(({ callId }) => [keyHash(callId), callId]))
  const rows = await ports.clickhouse.rows<{ hash: number }>(
    `SELECT DISTINCT id_hash AS hash
     FROM record_keys
     WHERE account_id = {accountId:UInt32}
       AND id_hash IN {hashes:Array(UInt64)}
       AND collection = 'calls'`,
    { accountId, hashes: [...byHash.keys()] },
  )
  const came = new Set(rows.map(({ hash }) => hash))
  return [...byHash].flatMap(([hash, id]) => (came.has(hash) ? [] : [id]))
}

async function readChecked({ ports, accountId }: Context, { name }: Collection): Promise<number> {
  const row = await ports.postgres.first<{ seq: number }>(sql`
    SELECT seq
    FROM checked_parts
    WHERE account_id = ${accountId}
      AND collection = ${name}`)
  return row?.seq ?? 0
}

async function keepChecked({ ports, accountId }: Context, { name }: Collection, seq: number): Promise<void> {
  await ports.postgres.run(sql`
    INSERT INTO checked_parts AS known (account_id, collection, seq)
    VALUES (${accountId}, ${name}, ${seq})
    ON CONFLICT (account_id, collection) DO UPDATE
    SET seq = greatest(known.seq, excluded.seq)`)
}
