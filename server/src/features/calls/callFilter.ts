import type { StartedRange } from './startedRange.ts'
import { textCondition, type Condition } from './textSearch.ts'

/** A filter of calls; an empty list does not filter. */
export interface CallFilter {
  statuses: string[]
  channels: string[]
  campaignIds: string[]
  agentIds: string[]
  /** Words that must all occur in transcript, notes or caller. */
  text: string | undefined
}

/** Returns the conditions for the account's visible calls up to `lastNumber` that match the filter. */
export function conditionOf(
  accountId: number,
  lastNumber: number,
  filter: CallFilter,
  { fromMs, toMs }: StartedRange,
): Condition {
  const { statuses, channels, campaignIds, agentIds } = filter
  const text = filter.text === undefined ? undefined : textCondition(filter.text)
  const conditions = [
    'calls.account_id = {accountId:UInt32}',
    'calls.removed = 0',
    'calls.number <= {lastNumber:UInt64}',
    statuses.length > 0 && 'calls.status IN {statuses:Array(String)}',
    channels.length > 0 && 'calls.channel IN {channels:Array(String)}',
    campaignIds.length > 0 && 'calls.campaign_id IN {campaignIds:Array(String)}',
    agentIds.length > 0 && 'calls.agent_id IN {agentIds:Array(String)}',
    fromMs !== undefined && "calls.started_at >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')",
    toMs !== undefined && "calls.started_at < fromUnixTimestamp64Milli({toMs:Int64}, 'UTC')",
    text?.sql,
  ]
  const lists = { statuses, channels, campaignIds, agentIds }
  return {
    sql: conditions.filter(Boolean).join('\n       AND '),
    parameters: {
      accountId,
      lastNumber,
      ...Object.fromEntries(Object.entries(lists).filter(([, values]) => values.length > 0)),
      ...(fromMs === undefined ? {} : { fromMs }),
      ...(toMs === undefined ? {} : { toMs }),
      ...text?.parameters,
    },
  }
}
