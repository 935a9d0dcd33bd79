/** A sort key of calls. */
export interface SortTerm {
  by: 'time' | 'score' | 'number'
  isDescending: boolean
}

/** Named ranges that end at the present. */
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

/** A request for one page of the feed. Empty lists do not filter. */
export interface FeedRequest {
  format: 'csv' | 'json'
  /** Ordered by number, up to the first call that is neither DONE nor ERROR. Excludes `sort`. */
  isConsecutive: boolean
  /** Only calls with a higher number. */
  afterNumber: number
  /**
   * RFC 3339, in the account's time zone if no offset is given. `[fromTime, toTime)` selects by the start of the call.
   */
  fromTime?: string
  toTime?: string
  period?: NamedPeriod
  voicebotAppIds: readonly string[]
  /** Agent ids or their user ids. */
  agentIds: readonly string[]
  queueIds: readonly string[]
  internalEndpoints: readonly string[]
  direction?: 'inbound' | 'outbound'
  /** Whether the call reached voicemail; undefined for both. */
  isVoicemail?: boolean
  /** Empty sorts by number, ascending. */
  sort: readonly SortTerm[]
  /** Page number from 1. */
  page: number
  perPage: number
}
