import { requireScope, type Context } from '../../context.ts'
import { sql } from '../../store/postgres.ts'
import { expectRemoval } from '../recordings/markRemoved.ts'
import { settleRecording } from '../recordings/settleRecording.ts'
import { expireBatch } from './expire.ts'

const atOnce = 200

/** Deletes the recordings that were uploaded before an instant (milliseconds since 1970), unless a legal hold keeps the call. */
export async function expireRecordings(context: Context, before: number, signal?: AbortSignal): Promise<void> {
  requireScope(context, 'admin')
  const { app, accountId } = context
  for (let after = ''; ;) {
    signal?.throwIfAborted()
    const rows = await app.postgres.query<{ id: string; call_id: string }>(sql`
      SELECT id, call_id
      FROM recordings
      WHERE account_id = ${accountId}
        AND created_at < ${new Date(before)}
        AND state = 'stored'
        AND check_at IS NULL
        AND id::text > ${after}
        AND NOT EXISTS (
          SELECT FROM legal_holds
          WHERE legal_holds.account_id = ${accountId}
            AND legal_holds.call_id = recordings.call_id
        )
      ORDER BY id::text
      LIMIT ${atOnce}`)
    if (rows.length === 0) return
    const callIds = rows.map((row) => row.call_id)
    const recordingIds = new Set(rows.map((row) => row.id))
    await expectRemoval(context, callIds)
    await expireBatch(context, { kind: 'expire', what: 'recordings', callIds, recordingIds }, before)
    for (const { id, call_id: callId } of rows) await settleRecording(context, { id, callId })
    after = rows.at(-1)?.id ?? after
  }
}
