import type { Context } from '../../context.ts'
import { keyHash } from '../../domain/keyHash.ts'
import { waitUntilReadable } from '../../recordLog/waitUntilReadable.ts'

/** The fields of a call that recordings need. */
export interface RecordedCall {
  id: string
  recordingId: string | undefined
  durationSeconds: number | undefined
  legalHold: boolean
}

/** Reads the existing calls with these ids, by id; unknown and deleted ones are left out. */
export async function recordedCalls(context: Context, callIds: readonly string[]): Promise<Map<string, RecordedCall>> {
  const { ports, accountId } = context
  if (callIds.length === 0) return new Map()
  await waitUntilReadable(ports, accountId)
  const rows = await ports.clickhouse.rows<{
    id: string
    recordingId: string | null
    durationSeconds: number | null
    legalHold: boolean
  }>(
    `SELECT
       id,
       recording_id AS recordingId,
       duration_seconds AS durationSeconds,
       ifNull(legal_hold, false) AS legalHold
     FROM calls FINAL
     WHERE account_id = {accountId:UInt32}
       AND removed = 0
       AND id IN {callIds:Array(String)}
       AND number IN
       (
         SELECT number
         FROM record_keys
         WHERE account_id = {accountId:UInt32}
           AND collection = 'calls'
           AND id_hash IN {hashes:Array(UInt64)}
       )`,
    { accountId, callIds, hashes: callIds.map(keyHash) },
  )
  return new Map(
    rows.map((row) => [
      row.id,
      {
        ...row,
        recordingId: row.recordingId ?? undefined,
        durationSeconds: row.durationSeconds ?? undefined,
      },
    ]),
  )
}
