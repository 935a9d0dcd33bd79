import { z } from 'zod'
import { listOf, oneOf, optional, text, wholeNumber, withDefault } from '../http/parameters.ts'
import { examples } from './examples.ts'

const channels = ['phone', 'mobile', 'widget', 'video', 'chat', 'email', 'sms', 'task'] as const
const statuses = ['active', 'completed', 'escalated', 'failed', 'abandoned'] as const
const sortFields = ['started_at', 'duration_seconds'] as const
const sortOrders = ['asc', 'desc'] as const

const id = z.string().max(128, { error: 'must be an id of at most 128 characters' })

/** Unlisted parameters are ignored. */
export const listQuery = z.object({
  limit: withDefault(wholeNumber(1, 100), 20).describe('Calls in a page, 1 to 100'),
  offset: withDefault(wholeNumber(0, Number.MAX_SAFE_INTEGER), 0).describe('Calls to leave out before the page'),
  sort_by: optional(oneOf(sortFields)).describe('started_at by default; with a cursor the order in which calls came'),
  sort_order: optional(oneOf(sortOrders)).describe('desc by default'),
  status: listOf(oneOf(statuses)).describe('One or several'),
  channel: listOf(oneOf(channels)).describe('One or several'),
  from: optional(text(1, 256)).describe(
    'Calls that started then or later: a time, or a day in the account’s time zone',
  ),
  to: optional(text(1, 256)).describe('Calls that started before a time, or up to the end of a day'),
  campaign_id: listOf(id).describe('One or several campaigns'),
  agent_id: listOf(id).describe('One or several agents'),
  q: optional(text(1, 256)).describe(
    'Words that all occur in transcript, notes or caller; or a part of the caller’s number',
  ),
  // An empty cursor is `start`, before the first page.
  cursor: z
    .string({ error: 'must be given once' })
    .max(512, { error: 'is not one that this list gave out; begin with cursor=start' })
    .optional()
    .describe('`start` to walk through everything; then next_cursor of the page before'),
})

export const callParams = z.object({ callId: z.string() })

const time = z.string().regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)

const itemFields = {
  id: z.string(),
  caller_id: z.string().nullable().describe("The customer's number or address"),
  channel: z.enum(channels),
  status: z.enum(statuses),
  duration_seconds: z.int().nullable().describe('null while the call is active'),
  language: z.string().nullable(),
  started_at: time,
  ended_at: time.nullable().describe('null while the call is active'),
  requester_id: z.int().nullable(),
  tickets_created: z.array(z.int()),
  authenticated: z.boolean(),
}

export const list = z
  .strictObject({
    data: z.array(z.strictObject(itemFields)),
    total: z.int().describe('Calls that match in all'),
    limit: z.int(),
    offset: z.int(),
    next_cursor: z.string().nullable().optional().describe('Only when a cursor was sent; null on the last page'),
  })
  .meta({ examples: [examples.list] })

export const detail = z
  .strictObject({
    ...itemFields,
    requester_name: z.string().nullable(),
    escalated: z.boolean(),
    sentiment: z.enum(['positive', 'neutral', 'negative']).nullable(),
    tools_used: z.array(z.string()),
  })
  .meta({ examples: [examples.detail] })

export const transcript = z
  .strictObject({
    call_id: z.string(),
    segments: z.array(z.strictObject({ speaker: z.enum(['agent', 'caller']), text: z.string(), timestamp: time })),
  })
  .meta({ examples: [examples.transcript] })

export const recording = z
  .strictObject({
    url: z.url().describe('Signed; needs no headers'),
    format: z.string(),
    duration_seconds: z.int().nullable(),
    expires_at: time.describe('When the link ends, an hour from now'),
  })
  .meta({ examples: [examples.recording] })
