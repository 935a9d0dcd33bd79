import { calls } from '../../domain/collections/calls.ts'
import type { CommitFacts } from '../../recordLog/commitAddition.ts'
import { removal } from '../../recordLog/storedRecord.ts'
import { sql, type Queryable, type Sql } from '../../store/postgres/postgres.ts'

/**
 * Marks the recordings of calls that a commit deletes: their links end, and the sweep deletes the bytes. For a
 * recording that is still being uploaded, the deleted call refuses it later.
 */
export async function leavingRecordings(
  _on: Queryable,
  { accountId, records, source }: CommitFacts,
): Promise<Sql | undefined> {
  const deleted = records.filter(({ collection, removed }) => collection === calls && removed === removal.deleted)
  if (deleted.length === 0) return undefined
  return sql`
    leaving AS (
      UPDATE recordings
      SET state = 'removed',
          -- Long due.
          check_at = to_timestamp(0)
      FROM ${source}
      WHERE recordings.account_id = ${accountId}
        AND recordings.call_id = ANY(${deleted.map(({ key }) => key)})
        AND recordings.state = 'stored'
    )`
}
