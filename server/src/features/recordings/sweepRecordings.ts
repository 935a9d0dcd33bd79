import type { Ports } from '../../ports.ts'
import { systemContext } from '../../context.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { recordedCalls } from './recordedCall.ts'
import { recordingKey, waveformKey } from './recording.ts'
import { discardRecording, reconcileRecording } from './reconcileRecording.ts'

const atOnce = 200

/**
 * Compares due recordings with their calls: a recording that its call references stays, any other is deleted with its
 * files. This removes replaced recordings, those of deleted calls, and interrupted uploads.
 */
export async function sweepRecordings(ports: Ports, signal?: AbortSignal): Promise<void> {
  // Uploads are abandoned before the calls are read, because an upload that ends at this moment must not become current
  // afterwards.
  await ports.postgres.run(sql`
    UPDATE recordings
    SET state = 'removed'
    WHERE check_at <= ${new Date(ports.now())}
      AND state = 'uploading'`)
  for (;;) {
    const rows = await ports.postgres.query<{ id: string; account_id: number; call_id: string }>(sql`
      SELECT id, account_id, call_id
      FROM recordings
      WHERE check_at <= ${new Date(ports.now())}
      ORDER BY check_at
      LIMIT ${atOnce}`)
    for (const [accountId, own] of Map.groupBy(rows, (row) => row.account_id)) {
      signal?.throwIfAborted()
      const context = systemContext(ports, accountId)
      const calls = await recordedCalls(context, [...new Set(own.map((row) => row.call_id))])
      for (const { id, call_id: callId } of own) {
        if (calls.get(callId)?.recordingId === id) await reconcileRecording(context, { id, callId })
        else await discardRecording(ports, id)
      }
    }
    if (rows.length < atOnce) return
  }
}

/** Deletes stored files without a row, such as those left after a restored backup. */
export async function sweepRecordingFiles(ports: Ports, signal?: AbortSignal): Promise<void> {
  for (const [folder, keyOf] of [
    ['recordings/', recordingKey],
    ['waveforms/', waveformKey],
  ] as const) {
    for await (const key of ports.files.list(folder)) {
      signal?.throwIfAborted()
      const id = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/.exec(key)?.[0]
      if (id === undefined || keyOf(id) !== key) continue
      const row = await ports.postgres.first(sql`
        SELECT 1
        FROM recordings
        WHERE id = ${id}`)
      if (!row) await ports.files.remove(key)
    }
  }
}
