import type { Ports } from '../../ports.ts'
import type { Context } from '../../context.ts'
import { sql, type Queryable } from '../../store/postgres/postgres.ts'
import { recordedCalls } from './recordedCall.ts'
import { recordingKey, waveformKey } from './recording.ts'

export const waveformJob = 'waveform'
/** Longer than any commit takes. */
const turnMs = 600_000

/**
 * Reconciles the rows of a call's recordings with the call after one was attached: the current one is confirmed and
 * gets its waveform, replaced ones are marked for deletion. Rows of uploads in progress are left unchanged.
 */
export async function reconcileRecording(context: Context, mine: { id: string; callId: string }): Promise<void> {
  while (!(await reconcileAsSeen(context, mine)));
}

/** Returns false when a row changed after the call was read, because the call may have changed too. */
async function reconcileAsSeen(context: Context, mine: { id: string; callId: string }): Promise<boolean> {
  const { ports, accountId } = context
  const seen = await versionsOf(ports.postgres, accountId, mine.callId)
  const call = (await recordedCalls(context, [mine.callId])).get(mine.callId)
  return ports.postgres.transaction(async (tx) => {
    if ((await versionsOf(tx, accountId, mine.callId)) !== seen) return false
    const settled = await tx.query<{ id: string; waveform: string }>(sql`
      UPDATE recordings
      SET state = 'stored',
          check_at = NULL
      WHERE account_id = ${accountId}
        AND id = ${call?.recordingId ?? null}::uuid
        AND state <> 'uploading'
      RETURNING id, waveform`)
    for (const { id, waveform } of settled) {
      if (waveform === 'pending')
        await ports.jobs.enqueue(tx, { kind: waveformJob, accountId, input: { recordingId: id } })
    }
    await tx.run(sql`
      UPDATE recordings
      SET state = 'removed',
          check_at = ${new Date(ports.now())}
      WHERE account_id = ${accountId}
        AND call_id = ${mine.callId}
        AND id IS DISTINCT FROM ${call?.recordingId ?? null}::uuid
        AND (id = ${mine.id} OR check_at IS NULL)`)
    return true
  })
}

/**
 * Reads and locks the rows of a call's recordings, each with the transaction id of its last change, which every change
 * alters.
 */
async function versionsOf(on: Queryable, accountId: number, callId: string): Promise<string> {
  const rows = await on.query<{ id: string; version: string }>(sql`
    SELECT id, xmin::text AS version
    FROM recordings
    WHERE account_id = ${accountId}
      AND call_id = ${callId}
    ORDER BY id
    FOR NO KEY UPDATE`)
  return rows.map(({ id, version }) => `${id} ${version}`).join()
}

/** Schedules a sweep of these rows, in case this process dies before it has marked the replaced ones. */
export async function expectRemoval({ ports, accountId }: Context, ids: ReadonlySet<string>): Promise<void> {
  await ports.postgres.run(sql`
    UPDATE recordings
    SET check_at = coalesce(check_at, ${new Date(ports.now() + turnMs)})
    WHERE account_id = ${accountId}
      AND id = ANY(${[...ids]}::uuid[])`)
}

/** Deletes a recording that no call references: the files first, so that no file remains without a row. */
export async function discardRecording(ports: Ports, id: string): Promise<void> {
  await ports.files.remove(waveformKey(id))
  await ports.files.remove(recordingKey(id))
  await ports.postgres.run(sql`
    DELETE FROM recordings
    WHERE id = ${id}`)
}
