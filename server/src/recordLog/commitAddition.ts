import type { Queryable, Sql } from '../store/postgres/postgres.ts'
import type { CallEvent } from './callEvents.ts'
import type { StoredRecord } from './storedRecord.ts'

/** What a commit does, for those who must do something together with it. */
export interface CommitFacts {
  accountId: number
  batch: number
  /** Milliseconds since 1970. */
  now: number
  /** The records that it writes, as they are afterwards. */
  records: readonly StoredRecord[]
  /** What happened to calls, where endpoints are to be told. */
  events: readonly CallEvent[]
  /** UTC days since 1970 on which calls that it writes ended, or had ended before. */
  days: ReadonlySet<number>
  /** A relation with one row when the commit succeeds, and none when another process came first. */
  source: Sql
}

/**
 * What a feature adds to the durable statement of a commit: members of its WITH clause that read `source`. The addition is
 * durable with the records or not at all. Undefined adds nothing.
 */
export type CommitAddition = (on: Queryable, facts: CommitFacts) => Promise<Sql | undefined>
