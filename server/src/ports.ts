import type { Logger } from 'pino'
import type { BodyMemory } from './bodyMemory.ts'
import type { Config } from './config.ts'
import type { Metrics } from './metrics.ts'
import type { CommitAddition } from './recordLog/commitAddition.ts'
import type { Command, IngestCounts } from './recordLog/command.ts'
import type { ClickHouse } from './store/clickhouse/clickhouse.ts'
import type { Files } from './store/files/files.ts'
import type { Jobs } from './store/jobs/jobs.ts'
import type { Postgres } from './store/postgres/postgres.ts'
import type { Secrets } from './store/secrets/secrets.ts'

// The interfaces that verbs depend on, each as small as possible. This file imports no feature; compose.ts opens the
// implementations and passes them down.

/** The ports of control commands: the control database, the secrets, the settings, the log, the clock. */
export interface Control {
  config: Config
  log: Logger
  postgres: Postgres
  secrets: Secrets
  /** Milliseconds since 1970; tests move it. */
  now: () => number
  close(): Promise<void>
}

/**
 * The write path: commits the records of each account in order. Requests that arrive during a commit share the next
 * one.
 */
export interface RecordLog {
  /** Applies the command in the account's next commit; resolves once its records are durable. */
  submit(accountId: number, command: Omit<Command, 'resolve' | 'reject'>): Promise<IngestCounts>
  /** Resolves when everything acknowledged here before can be read. Throws UNAVAILABLE when a store does not answer. */
  flush(accountId: number): Promise<void>
  /** Resolves when no commit is running and everything can be read, or the store is known not to answer. */
  drain(): Promise<void>
  /**
   * Holds new commits; resolves when everything acknowledged can be read. Returns the function that lets commits go on.
   */
  pause(): Promise<() => void>
}

/** Notifies waiting readers of an account's changes, whichever process committed them. */
export interface ChangeNotices {
  /** To be called when changes of the account are durable; cheap. */
  announce(accountId: number): void
  /** Calls `wake` after announcements, once for several at a time, until the returned function is called. */
  watch(accountId: number, wake: () => void): () => void
  /** The same for the changes of all accounts. Callers must also poll, because a notification can be lost. */
  watchAll(wake: () => void): () => void
  close(): Promise<void>
}

/** A kind of fault by its sender and path, and how often it has just occurred. */
export interface FaultSeen {
  accountId: number
  /** `key:` or `user:` and the id. */
  source: string
  path: string
  collection: string
  code: string
  field: string
  /** What is wrong and what would be right, without sent values. */
  rule: string
  countsRecords: boolean
  refused: number
}

/** Counts the faults of refused ingestion requests. */
export interface FaultCounts {
  /** Counts in memory at once, and in the database a second later. A killed process loses what it had not written. */
  note(seen: FaultSeen): void
  /** Writes the counts into the database; never throws, because the counts can wait for the database. */
  flush(): Promise<void>
}

/** Everything that compose.ts opens; a function that needs less takes a Pick of it. */
export interface Ports extends Control {
  clickhouse: ClickHouse
  files: Files
  jobs: Jobs
  /** What features add to the durable statement of each commit. */
  commitAdditions: readonly CommitAddition[]
  recordLog: RecordLog
  notices: ChangeNotices
  faults: FaultCounts
  metrics: Metrics
  bodyMemory: BodyMemory
}
