import type { Ports } from '../../ports.ts'
import type { Parameters } from '../../store/clickhouse/clickhouse.ts'
import type { FeedRequest } from './feedRequest.ts'
import type { TimeRange } from './timeRange.ts'

/** The filter of a feed request as SQL over `calls`, with the bound values. */
export interface Conditions {
  /** Conditions of every statement: the account, undeleted calls, the time range. One AND term per line. */
  within: string[]
  /** The remaining filters. */
  matching: string[]
  parameters: Parameters
}

/** The condition of a call that a consecutive feed waits for. */
export const isUnfinished = "phase NOT IN ('DONE', 'ERROR')"

/** Returns the conditions of a request; `agentIds` must hold agent ids only, see `readAgentIds`. */
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

/** A marker shows that the call reached voicemail. */
const wentToVoicemail = "has(markers.type, 'VM_START')"

function instant(name: string): string {
  return `fromUnixTimestamp64Milli({${name}:Int64}, 'UTC')`
}

/** Returns the given ids and the ids of agents whose user id is among them. */
export async function readAgentIds(ports: Ports, accountId: number, named: readonly string[]): Promise<string[]> {
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

/** Joins AND terms into a WHERE clause. */
export function whereOf(terms: readonly string[]): string {
  return `WHERE ${terms.join('\n    AND ')}`
}
