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

// What verbs need of the world, each as small as it can be. This file knows no feature; compose.ts builds what is declared
// here, and hands it down.

/** What control commands need: the control database, the secrets, the settings, the log, the clock. */
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
 * The write path: commits the records of each account in order. Requests that arrive during a commit share the next one.
 */
export interface RecordLog {
  /** Applies the command in the account's next commit; resolves once its records are durable. */
  submit(accountId: number, command: Omit<Command, 'resolve' | 'reject'>): Promise<IngestCounts>
  /** Resolves when everything acknowledged here before can be read. Throws UNAVAILABLE when a store does not answer. */
  flush(accountId: number): Promise<void>
  /** Resolves when no commit is running and everything can be read, or the store is known not to answer. */
  drain(): Promise<void>
  /** Holds new commits; resolves when everything acknowledged can be read. Returns the function that lets commits go on. */
  pause(): Promise<() => void>
}

/** Wakes those who wait for an account's changes, whichever process took them in. */
export interface ChangeNotices {
  /** To be called when changes of the account are durable; costs next to nothing. */
  announce(accountId: number): void
  /** Calls `wake` after each announcement, several at once as one, until the function that it gives is called. */
  watch(accountId: number, wake: () => void): () => void
  /** The same for the changes of whichever account. One that looks by itself now and then, as nothing else heals a loss. */
  watchAll(wake: () => void): () => void
  close(): Promise<void>
}

/** A kind of fault by who sent it where, and how often it was just met. */
export interface FaultSeen {
  accountId: number
  /** `key:` or `user:` and the id. */
  source: string
  path: string
  collection: string
  code: string
  field: string
  /** What is wrong and what would be right, without anything that was sent. */
  rule: string
  countsRecords: boolean
  refused: number
}

/** Counts what ingestion refused. */
export interface FaultCounts {
  /** Counts at once and in memory; a second later it is written down. What a killed process had not written is lost. */
  note(seen: FaultSeen): void
  /** Writes down what was counted here; never throws, since the counts can wait for the database. */
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
