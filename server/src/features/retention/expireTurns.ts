import { requireScope, type Context } from '../../context.ts'
import { turns } from '../../domain/collections/parts.ts'
import { keyHash } from '../../domain/keyHash.ts'
import { waitUntilReadable } from '../../recordLog/waitUntilReadable.ts'
import { batchesOf, countParts, type Batch, type DueCall } from './batches.ts'
import { expireBatch } from './expireBatch.ts'
import { isOver, type Pass } from './pass.ts'

/** Calls per query. */
const callsAtOnce = 2000

/**
 * Deletes the turns of calls that ended before an instant (milliseconds since 1970), unless a legal hold protects the
 * call. Returns false when the pass ended before everything was deleted.
 */
export async function expireTurns(context: Context, before: number, pass: Pass = {}): Promise<boolean> {
  requireScope(context, 'admin')
  for (let after = ''; ;) {
    await waitUntilReadable(context.ports, context.accountId)
    const callIds = await callsWithTurns(context, after, before)
    const parts = await countParts(context, [turns], callIds)
    const calls = await dueCalls(context, [...parts.keys()], before)
    for (const batch of batchesOf(calls, parts)) {
      if (isOver(pass)) return false
      await expireTurnsOf(context, batch, before)
    }
    if (callIds.length < callsAtOnce) return true
    after = callIds.at(-1) ?? after
  }
}

/** The result may include superseded versions: filtering them costs more than checking the calls, which follows. */
async function callsWithTurns({ ports, accountId }: Context, after: string, before: number): Promise<string[]> {
  const rows = await ports.clickhouse.rows<{ id: string }>(
    `SELECT DISTINCT call_id AS id
     FROM turns
     WHERE account_id = {accountId:UInt32}
       AND call_id > {after:String}
       AND removed = 0
       AND at < fromUnixTimestamp64Milli({before:Int64}, 'UTC')
     ORDER BY call_id
     LIMIT {callsAtOnce:UInt32}`,
    { accountId, after, before, callsAtOnce },
  )
  return rows.map(({ id }) => id)
}

/** Returns those of the calls that ended before the instant and are not under hold. */
async function dueCalls({ ports, accountId }: Context, callIds: string[], before: number): Promise<DueCall[]> {
  if (callIds.length === 0) return []
  return ports.clickhouse.rows(
    `SELECT id, number
     FROM calls FINAL
     WHERE account_id = {accountId:UInt32}
       AND removed = 0
       AND ended_at < fromUnixTimestamp64Milli({before:Int64}, 'UTC')
       AND NOT ifNull(legal_hold, false)
       AND number IN
       (
         SELECT number
         FROM record_keys
         WHERE account_id = {accountId:UInt32}
           AND collection = 'calls'
           AND id_hash IN {hashes:Array(UInt64)}
       )
       AND id IN {callIds:Array(String)}`,
    { accountId, callIds, before, hashes: callIds.map(keyHash) },
  )
}

async function expireTurnsOf(context: Context, { calls, records }: Batch, before: number): Promise<void> {
  const callIds = calls.map(({ id }) => id)
  const numbers = calls.map(({ number }) => number)
  await expireBatch(context, { kind: 'expire', what: 'turns', callIds, numbers, records, endedBefore: before }, before)
  await waitUntilReadable(context.ports, context.accountId)
}
