import type { OffsetTransition } from '../../domain/period.ts'
import type { Parameters } from '../../store/clickhouse/clickhouse.ts'
import type { FeedAgent, FeedQueue } from './names.ts'

/** What a page's rows say that does not stand in `calls`. */
export interface PageWords {
  account: { accountUuid: string; contextUuid: string }
  agents: readonly FeedAgent[]
  queues: readonly FeedQueue[]
  /** Of the account's zone, over the page's times. */
  transitions: readonly OffsetTransition[]
}

/** How a page is written. */
export interface PageText {
  contentType: string
  head: string
  /** `[WITH …] SELECT`: a call as one text, over `calls`. */
  line: string
  /** Bytes that are left out at the beginning of the first line. */
  leftOut?: number
  tail: string
  /** Values that `line` binds. */
  parameters: Parameters
}
