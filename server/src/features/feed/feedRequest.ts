/** What calls are sorted by. */
export interface SortTerm {
  by: 'time' | 'score' | 'number'
  isDescending: boolean
}

/** Ranges that end now and move on with the clock. */
export const namedPeriods = [
  'today',
  'last24hours',
  'thisWeek',
  'last7days',
  'thisMonth',
  'last30days',
  'thisYear',
  'last365days',
] as const

export type NamedPeriod = (typeof namedPeriods)[number]

/** One page of the feed, as it is asked for. Lists that are empty filter nothing. */
export interface FeedRequest {
  format: 'csv' | 'json'
  /** In the order of numbers, up to the first call that is neither DONE nor ERROR. Excludes `sort`. */
  isConsecutive: boolean
  /** Only calls with a higher number. */
  afterNumber: number
  /** RFC 3339; without an offset in the account's time zone. `[fromTime, toTime)` on the start of the call. */
  fromTime?: string
  toTime?: string
  period?: NamedPeriod
  voicebotAppIds: readonly string[]
  /** Ids of agents, or their user ids. */
  agentIds: readonly string[]
  queueIds: readonly string[]
  internalEndpoints: readonly string[]
  direction?: 'inbound' | 'outbound'
  /** Whether the call went to voicemail; absent: either. */
  isVoicemail?: boolean
  /** Empty: by number, ascending. */
  sort: readonly SortTerm[]
  /** From 1. */
  page: number
  perPage: number
}
