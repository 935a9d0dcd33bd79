import type { OffsetTransition } from '../../domain/period.ts'
import type { Parameters } from '../../store/clickhouse/clickhouse.ts'
import type { FeedAgent, FeedQueue } from './names.ts'

/** Values of a page that are not in `calls`. */
export interface PageLookups {
  account: { accountUuid: string; contextUuid: string }
  agents: readonly FeedAgent[]
  queues: readonly FeedQueue[]
  /** UTC offset changes of the account's zone over the times of the page. */
  transitions: readonly OffsetTransition[]
}

/** How a page is rendered. */
export interface PageText {
  contentType: string
  head: string
  /** `[WITH …] SELECT` of a call as one string, over `calls`. */
  line: string
  /** Bytes to drop at the beginning of the first line. */
  leftOut?: number
  tail: string
  /** Values bound by `line`. */
  parameters: Parameters
}
