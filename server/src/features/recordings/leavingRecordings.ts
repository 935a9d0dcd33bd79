import { sql, type Sql } from '../../store/postgres/postgres.ts'

/**
 * A statement for a WITH clause that marks the recordings of calls that are deleted: links to them end, the sweep takes the
 * bytes away. `source` names a relation with one row to do so, none to leave them. One that is still being uploaded is
 * refused by its call.
 */
export function leavingRecordings(accountId: number, callIds: readonly string[], source: Sql): Sql {
  return sql`
    leaving AS (
      UPDATE recordings
      SET state = 'removed',
          -- Long due.
          check_at = to_timestamp(0)
      FROM ${source}
      WHERE recordings.account_id = ${accountId}
        AND recordings.call_id = ANY(${callIds})
        AND recordings.state = 'stored'
    )`
}
