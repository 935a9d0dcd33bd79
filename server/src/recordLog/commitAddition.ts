import type { Queryable, Sql } from '../store/postgres/postgres.ts'
import type { CallEvent } from './callEvents.ts'
import type { StoredRecord } from './storedRecord.ts'

/** What a commit writes, for features that write something in the same statement. */
export interface CommitFacts {
  accountId: number
  batch: number
  /** Milliseconds since 1970. */
  now: number
  /** The written records, in their new state. */
  records: readonly StoredRecord[]
  /** Events of calls to send to webhook endpoints. */
  events: readonly CallEvent[]
  /** UTC days since 1970 on which the written calls end now or ended before the change. */
  days: ReadonlySet<number>
  /** A relation with one row when the commit succeeds, and no row when another process committed first. */
  source: Sql
}

/**
 * Statements that a feature adds to a commit: members of the commit's WITH clause that read `source`. They become
 * durable together with the records or not at all. Undefined adds nothing.
 */
export type CommitAddition = (on: Queryable, facts: CommitFacts) => Promise<Sql | undefined>
