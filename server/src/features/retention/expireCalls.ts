import { requireScope, type Context } from '../../context.ts'
import { partCollections } from '../../domain/collections/all.ts'
import { waitUntilReadable } from '../../recordLog/waitUntilReadable.ts'
import { batchesOf, countParts, type Batch, type DueCall } from './batches.ts'
import { expireBatch } from './expireBatch.ts'
import { isOver, type Pass } from './pass.ts'

/** Calls per query. */
const callsAtOnce = 2000

/**
 * Deletes the calls that ended before an instant (milliseconds since 1970), with all their parts, unless a legal hold
 * protects them. Returns false when the pass ended before everything was deleted.
 */
export async function expireCalls(context: Context, before: number, pass: Pass = {}): Promise<boolean> {
  requireScope(context, 'admin')
  const { ports, accountId } = context
  for (let after = 0; ;) {
    await waitUntilReadable(ports, accountId)
    const calls = await dueCalls(context, after, before)
    const parts = await countParts(
      context,
      partCollections,
      calls.map(({ id }) => id),
    )
    for (const batch of batchesOf(calls, parts)) {
      if (isOver(pass)) return false
      await expireCallsOf(context, batch, before)
    }
    if (calls.length < callsAtOnce) return true
    after = calls.at(-1)?.number ?? after
  }
}

async function dueCalls({ ports, accountId }: Context, after: number, before: number): Promise<DueCall[]> {
  return ports.clickhouse.rows(
    `SELECT id, number
     FROM calls FINAL
     WHERE account_id = {accountId:UInt32}
       AND removed = 0
       AND number > {after:UInt64}
       AND ended_at < fromUnixTimestamp64Milli({before:Int64}, 'UTC')
       AND NOT ifNull(legal_hold, false)
     ORDER BY number
     LIMIT {callsAtOnce:UInt32}`,
    { accountId, after, before, callsAtOnce },
  )
}

async function expireCallsOf(context: Context, { calls, records }: Batch, before: number): Promise<void> {
  const callIds = calls.map(({ id }) => id)
  const numbers = calls.map(({ number }) => number)
  await expireBatch(context, { kind: 'expire', what: 'calls', callIds, numbers, records, endedBefore: before }, before)
  // The rows to insert are in a queue that the senders of the account use too, so wait until it is empty.
  await waitUntilReadable(context.ports, context.accountId)
}
