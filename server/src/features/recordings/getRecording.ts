import { requireScope, type Context } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { findRecording } from './findRecording.ts'
import type { RecordingRow } from './recording.ts'

/**
 * Reads a call's current recording by its recording id. Throws RESOURCE_NOT_FOUND when it does not exist or is no
 * longer current.
 */
export async function getRecording(context: Context, id: string): Promise<RecordingRow> {
  requireScope(context, 'calls:read')
  const { ports, accountId } = context
  const row = await ports.postgres.first<{ call_id: string }>(sql`
    SELECT call_id
    FROM recordings
    WHERE account_id = ${accountId}
      AND id::text = ${id.toLowerCase()}`)
  // The call decides whether the recording is current, and whether the call itself still exists.
  const found = row && (await findRecording(context, row.call_id))
  if (found?.recording.id !== id.toLowerCase()) {
    throw new AppError('RESOURCE_NOT_FOUND', `There is no recording ${JSON.stringify(id)}.`)
  }
  return found.recording
}
