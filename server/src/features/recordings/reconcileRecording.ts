import type { Ports } from '../../ports.ts'
import type { Context } from '../../context.ts'
import { sql, type Queryable } from '../../store/postgres/postgres.ts'
import { recordedCalls } from './recordedCall.ts'
import { recordingKey, waveformKey } from './recording.ts'

export const waveformJob = 'waveform'
/** Longer than any turn takes. */
const turnMs = 600_000

/**
 * Makes the rows of a call's recordings agree with the call after one was attached: the call's own is settled and gets
 * its waveform, those that it has left are marked. Rows that another upload works on are left to that upload.
 */
export async function reconcileRecording(context: Context, mine: { id: string; callId: string }): Promise<void> {
  while (!(await reconcileAsSeen(context, mine)));
}

/** False when a row changed after the call was read, which may have changed with it. */
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

/** The rows of a call's recordings, locked, each with the transaction that wrote it: any change gives another. */
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

/** The sweep will look at them, even if this process dies before it has marked those that went. */
export async function expectRemoval({ ports, accountId }: Context, ids: ReadonlySet<string>): Promise<void> {
  await ports.postgres.run(sql`
    UPDATE recordings
    SET check_at = coalesce(check_at, ${new Date(ports.now() + turnMs)})
    WHERE account_id = ${accountId}
      AND id = ANY(${[...ids]}::uuid[])`)
}

/** Removes a recording that no call names: its files first, so that none is left without a row. */
export async function discardRecording(ports: Ports, id: string): Promise<void> {
  await ports.files.remove(waveformKey(id))
  await ports.files.remove(recordingKey(id))
  await ports.postgres.run(sql`
    DELETE FROM recordings
    WHERE id = ${id}`)
}
