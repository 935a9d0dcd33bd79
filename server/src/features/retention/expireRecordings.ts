import { requireScope, type Context } from '../../context.ts'
import { sql } from '../../store/postgres/postgres.ts'
import type { Expiry } from '../../recordLog/command.ts'
import { recordedCalls } from '../recordings/recordedCall.ts'
import { expectRemoval, reconcileRecording } from '../recordings/reconcileRecording.ts'
import { expireBatch } from './expireBatch.ts'
import { isOver, type Pass } from './pass.ts'

const atOnce = 1000

interface RecordingRow {
  id: string
  call_id: string
}

/**
 * Deletes the recordings that were uploaded before an instant (milliseconds since 1970), unless a legal hold protects
 * the call. Returns false when the pass ended before everything was deleted.
 */
export async function expireRecordings(context: Context, before: number, pass: Pass = {}): Promise<boolean> {
  requireScope(context, 'admin')
  const { ports, accountId } = context
  for (let after = ''; ;) {
    if (isOver(pass)) return false
    const rows = await ports.postgres.query<RecordingRow>(sql`
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
    if (rows.length === 0) return true
    const callIds = rows.map((row) => row.call_id)
    const recordingIds = new Set(rows.map((row) => row.id))
    await expectRemoval(context, recordingIds)
    const work: Expiry = { kind: 'expire', what: 'recordings', callIds, records: callIds.length, recordingIds }
    await expireBatch(context, work, before)
    await reconcileExpired(context, rows)
    after = rows.at(-1)?.id ?? after
  }
}

/**
 * Ends the links of recordings that no call references any more; the sweep deletes their bytes. Recordings that were
 * just put under hold stay.
 */
async function reconcileExpired(context: Context, rows: readonly RecordingRow[]): Promise<void> {
  const { ports, accountId } = context
  const calls = await recordedCalls(
    context,
    rows.map((row) => row.call_id),
  )
  const kept = rows.filter((row) => calls.get(row.call_id)?.recordingId === row.id)
  const keptIds = new Set(kept.map((row) => row.id))
  const gone = rows.filter((row) => !keptIds.has(row.id))
  await ports.postgres.run(sql`
    UPDATE recordings
    SET state = 'removed',
        check_at = ${new Date(ports.now())}
    WHERE account_id = ${accountId}
      AND id = ANY(${gone.map((row) => row.id)}::uuid[])
      AND state = 'stored'`)
  for (const { id, call_id: callId } of kept) await reconcileRecording(context, { id, callId })
}
