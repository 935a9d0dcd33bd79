import type { Values } from '../../domain/collections/collection.ts'
import { wholeSecondsOf } from '../../domain/wholeUnits.ts'

/** A call as the calls API lists it. */
export interface CallItem {
  id: string
  caller_id: string | null
  channel: string
  status: string
  duration_seconds: number | null
  language: string | null
  started_at: string
  ended_at: string | null
  requester_id: number | null
  tickets_created: number[]
  authenticated: boolean
}

/** A call as the calls API gives it alone. */
export interface CallDetail extends CallItem {
  requester_name: string | null
  escalated: boolean
  sentiment: string | null
  tools_used: string[]
}

/**
 * The list item of a call, from its effective values. While it is active it has neither an end nor a duration, whatever
 * was sent; durations are rounded to whole seconds. The order of the fields is that of the published examples.
 */
export function callItem(id: string, values: Values): CallItem {
  const isActive = values['status'] === 'active'
  const { durationSeconds, endedAt } = values
  return {
    id,
    caller_id: textOf(values['externalEndpoint']),
    channel: String(values['channel']),
    status: String(values['status']),
    duration_seconds: isActive || durationSeconds === undefined ? null : wholeSecondsOf(Number(durationSeconds)),
    language: textOf(values['language']),
    started_at: formatSeconds(Number(values['startedAt'])),
    ended_at: isActive || endedAt === undefined ? null : formatSeconds(Number(endedAt)),
    requester_id: values['requesterId'] === undefined ? null : Number(values['requesterId']),
    tickets_created: listOf(values['ticketsCreated']).map(Number),
    authenticated: values['authenticated'] === true,
  }
}

/** The detail of a call, from its effective values: the list item with a few fields more, in the published order. */
export function callDetail(id: string, values: Values): CallDetail {
  const { requester_id, tickets_created, authenticated, ...item } = callItem(id, values)
  return {
    ...item,
    requester_id,
    requester_name: textOf(values['requesterName']),
    tickets_created,
    authenticated,
    escalated: values['escalated'] === true,
    sentiment: textOf(values['sentiment']),
    tools_used: listOf(values['toolsUsed']).map(String),
  }
}

/** An instant as `YYYY-MM-DDTHH:MM:SSZ`; parts of a second are cut off. */
export function formatSeconds(instantMs: number): string {
  return `${new Date(instantMs).toISOString().slice(0, 19)}Z`
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}
