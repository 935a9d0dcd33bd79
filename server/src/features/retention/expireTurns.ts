import { requireScope, type Context } from '../../context.ts'
import { keyHash } from '../../domain/keyHash.ts'
import { waitUntilReadable } from '../ingest/waitUntilReadable.ts'
import { expireBatch } from './expire.ts'

/** Calls in one turn. */
const atOnce = 200

/** Deletes the turns of calls that ended before an instant (milliseconds since 1970), unless a legal hold keeps the call. */
export async function expireTurns(context: Context, before: number, signal?: AbortSignal): Promise<void> {
  requireScope(context, 'admin')
  const { app, accountId } = context
  await waitUntilReadable(app, accountId)
  for (let after = ''; ;) {
    signal?.throwIfAborted()
    // Versions that were written over show here too: cheaper than leaving them out, and the calls are asked next.
    const rows = await app.clickhouse.rows<{ id: string }>(
      `SELECT DISTINCT call_id AS id
       FROM turns
       WHERE account_id = {accountId:UInt32}
         AND call_id > {after:String}
         AND removed = 0
         AND at < fromUnixTimestamp64Milli({before:Int64}, 'UTC')
       ORDER BY call_id
       LIMIT {atOnce:UInt32}`,
      { accountId, after, before, atOnce },
    )
    const callIds = await dueCalls(
      context,
      rows.map(({ id }) => id),
      before,
    )
    if (callIds.length > 0) {
      await expireBatch(context, { kind: 'expire', what: 'turns', callIds, endedBefore: before }, before)
    }
    if (rows.length < atOnce) return
    after = rows.at(-1)?.id ?? after
  }
}

/** Of these calls those that ended before the instant, are not held, and still have turns. */
async function dueCalls({ app, accountId }: Context, callIds: string[], before: number): Promise<string[]> {
  if (callIds.length === 0) return []
  const rows = await app.clickhouse.rows<{ id: string }>(
    `SELECT id
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
       AND id IN
       (
         SELECT call_id
         FROM turns FINAL
         WHERE account_id = {accountId:UInt32}
           AND removed = 0
           AND call_id IN {callIds:Array(String)}
       )`,
    { accountId, callIds, before, hashes: callIds.map(keyHash) },
  )
  return rows.map(({ id }) => id)
}
