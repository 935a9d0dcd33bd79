import { requireScope, type Context } from '../../context.ts'
import { waitUntilReadable } from '../ingest/waitUntilReadable.ts'
import { expectRemoval, markRemoved } from '../recordings/markRemoved.ts'
import { recordedCalls } from '../recordings/recordedCall.ts'
import { expireBatch } from './expire.ts'

/** Calls in one turn, with all their parts. */
const atOnce = 200

/** Deletes the calls that ended before an instant (milliseconds since 1970), unless a legal hold keeps them. */
export async function expireCalls(context: Context, before: number, signal?: AbortSignal): Promise<void> {
  requireScope(context, 'admin')
  const { app, accountId } = context
  for (let after = 0; ;) {
    signal?.throwIfAborted()
    await waitUntilReadable(app, accountId)
    const rows = await app.clickhouse.rows<{ id: string; number: number }>(
      `SELECT id, number
       FROM calls FINAL
       WHERE account_id = {accountId:UInt32}
         AND removed = 0
         AND number > {after:UInt64}
         AND ended_at < fromUnixTimestamp64Milli({before:Int64}, 'UTC')
         AND NOT ifNull(legal_hold, false)
       ORDER BY number
       LIMIT {atOnce:UInt32}`,
      { accountId, after, before, atOnce },
    )
    if (rows.length === 0) return
    const callIds = rows.map(({ id }) => id)
    await expectRemoval(context, callIds)
    await expireBatch(context, { kind: 'expire', what: 'calls', callIds, endedBefore: before }, before)
    // One that was held or corrected in this moment is still there, and keeps its recording.
    const kept = await recordedCalls(context, callIds)
    await markRemoved(
      context,
      callIds.filter((id) => !kept.has(id)),
    )
    after = rows.at(-1)?.number ?? after
  }
}
