import type { Ports } from '../../ports.ts'
import type { Parameters } from '../../store/clickhouse/clickhouse.ts'
import type { FeedRequest } from './feedRequest.ts'
import type { TimeRange } from './timeRange.ts'

/** Which calls of an account the feed is asked for, as SQL over `calls`, with the values that are bound. */
export interface Conditions {
  /** What bounds every reading: the account, what is there, the time range. One AND term a line. */
  within: string[]
  /** What a call must fulfil besides. */
  matching: string[]
  parameters: Parameters
}

/** A call that the feed waits for. */
export const isUnfinished = "phase NOT IN ('DONE', 'ERROR')"

/** The conditions of a request; `agentIds` are ids of agents only, see `agentIdsOf`. */
export function conditionsOf(
  accountId: number,
  request: FeedRequest,
  range: TimeRange,
  agentIds: readonly string[],
): Conditions {
  const { voicebotAppIds, queueIds, internalEndpoints, direction, isVoicemail } = request
  const conditions: Conditions = {
    within: ['account_id = {accountId:UInt32}', 'removed = 0'],
    matching: [],
    parameters: { accountId },
  }
  const add = (terms: string[], name: string, value: unknown, term: string): void => {
    terms.push(term)
    conditions.parameters[name] = value
  }
  const { within, matching } = conditions
  if (range.fromMs !== undefined) add(within, 'fromMs', range.fromMs, `started_at >= ${instant('fromMs')}`)
  if (range.toMs !== undefined) add(within, 'toMs', range.toMs, `started_at < ${instant('toMs')}`)
  if (request.agentIds.length > 0) add(matching, 'agentIds', agentIds, 'agent_id IN {agentIds:Array(String)}')
  if (queueIds.length > 0) add(matching, 'queueIds', queueIds, 'queue_id IN {queueIds:Array(String)}')
  if (voicebotAppIds.length > 0) {
    add(matching, 'voicebotAppIds', voicebotAppIds, 'voicebot_app_id IN {voicebotAppIds:Array(String)}')
  }
  if (internalEndpoints.length > 0) {
    add(matching, 'internalEndpoints', internalEndpoints, 'internal_endpoint IN {internalEndpoints:Array(String)}')
  }
  if (direction !== undefined) add(matching, 'direction', direction, 'direction = {direction:String}')
  if (isVoicemail !== undefined) matching.push(`${isVoicemail ? '' : 'NOT '}${wentToVoicemail}`)
  return conditions
}

/** A call says by a marker that its voicemail began. */
const wentToVoicemail = "has(markers.type, 'VM_START')"

function instant(name: string): string {
  return `fromUnixTimestamp64Milli({${name}:Int64}, 'UTC')`
}

/** The ids that the filter names, and those of the agents whose user id it names. */
export async function agentIdsOf(ports: Ports, accountId: number, named: readonly string[]): Promise<string[]> {
  if (named.length === 0) return []
  const rows = await ports.clickhouse.rows<{ id: string }>(
    `SELECT id
     FROM agents FINAL
     WHERE account_id = {accountId:UInt32}
       AND removed = 0
       AND user_id IN {named:Array(String)}`,
    { accountId, named },
  )
  return [...new Set([...named, ...rows.map((row) => row.id)])]
}

/** AND terms as a WHERE clause. */
export function whereOf(terms: readonly string[]): string {
  return `WHERE ${terms.join('\n    AND ')}`
}
