import { z } from 'zod'
import { clampInstant, parseInstant } from '../../domain/instant.ts'
import { webhookEventGroups, webhookEvents } from '../../domain/webhookEvents.ts'
import { urlFault } from '../../features/webhooks/checkUrl.ts'
import { deliveryStatuses } from '../../features/webhooks/delivery.ts'
import { secretFault } from '../../features/webhooks/secret.ts'
import { anyText, oneOf, optional, wanted, wholeNumber, withDefault } from '../http/parameters.ts'

/** A text that the control database can store. */
function textOf(min: number, max: number) {
  const message = `must be a text of ${min} to ${max} characters`
  return z
    .string({ error: wanted(`a text of ${min} to ${max} characters`) })
    .min(min, { error: message })
    .max(max, { error: message })
    .refine((text) => text.isWellFormed() && !text.includes('\0'), { error: 'must hold no broken or null characters' })
}

const url = z
  .string({ error: wanted('an absolute URL such as https://example.com/hooks') })
  .superRefine((text, context) => {
    const message = urlFault(text)
    if (message !== undefined) context.addIssue({ code: 'custom', message })
  })
  .describe('Where events are posted to: https, at a public address')

const eventNames = [...webhookEvents, ...webhookEventGroups, '*'] as const
const listed = `one of ${webhookEvents.join(', ')}, a group such as call.*, or * for all`

const event = z.enum(eventNames, {
  error: ({ input }) =>
    `${typeof input === 'string' ? `${JSON.stringify(input.slice(0, 64))} is no event; it ` : ''}must be ${listed}`,
})

const events = z
  .array(event, { error: wanted('a list of events') })
  .min(1, { error: `must have at least one event: ${listed}` })
  .max(100, { error: 'must have at most 100 entries' })

const secret = textOf(0, 512)
  .superRefine((text, context) => {
    const message = secretFault(text)
    if (message !== undefined) context.addIssue({ code: 'custom', message })
  })
  .describe('What deliveries are signed with, 16 bytes or more. Left out: one is made and shown in this answer only')

const description = textOf(0, 1000).describe('For people')

export const createBody = z.object(
  {
    url,
    events,
    secret: secret.nullish(),
    description: description.nullish(),
    active: z.boolean().nullish().describe('false: nothing is sent until it is enabled'),
  },
  { error: wanted('a JSON object with url and events') },
)

export const updateBody = z
  .object(
    { url: url.optional(), events: events.optional(), description: description.nullish() },
    { error: wanted('a JSON object') },
  )
  .refine((body) => Object.values(body).some((value) => value !== undefined), {
    error: 'must hold url, events or description',
  })

export const rotateBody = z.object({
  secret: secret.nullish(),
  overlap_seconds: z
    .int({ error: wanted('a whole number of seconds from 0 to 2592000') })
    .min(0, { error: 'must be from 0 to 2592000' })
    .max(2_592_000, { error: 'must be from 0 to 2592000' })
    .default(86_400)
    .describe('How long deliveries are also signed with the secret before; 24 hours by default'),
})

const instantText = z
  .string({ error: wanted('an RFC 3339 time such as 2026-05-03T14:05:07Z') })
  .transform((text, context) => {
    const instant = parseInstant(text)
    if (instant !== undefined) return clampInstant(instant)
    context.addIssue({
      code: 'custom',
      message: 'must be an RFC 3339 time with an offset, such as 2026-05-03T14:05:07Z',
    })
    return z.NEVER
  })

export const resendBody = z.object({
  since: instantText.describe('Events from then on are sent again'),
  until: instantText.nullish().describe('And before then; now by default'),
  status: z
    .enum(['succeeded', 'failed'], { error: wanted('succeeded or failed') })
    .nullish()
    .describe('Only events whose latest delivery ended so'),
})

export const endpointParams = z.object({ id: z.string().regex(/^wh_[0-9a-f]{24}$/) })
export const deliveryParams = endpointParams.extend({ deliveryId: z.guid() })

export const deliveriesQuery = z.object({
  limit: withDefault(wholeNumber(1, 100), 20).describe('Deliveries in a page, 1 to 100'),
  cursor: optional(anyText).describe('next_cursor of the page before'),
  status: optional(oneOf(deliveryStatuses)),
})

const instant = z.iso.datetime()

const endpointBase = z.strictObject({
  id: z.string(),
  url: z.string(),
  events: z.array(z.enum(eventNames)),
  description: z.string().nullable(),
  created_at: instant,
})

/** The published forms use `active` for a new endpoint and `is_active` in lists. */
export const createdEndpoint = endpointBase.extend({
  active: z.boolean(),
  secret: z.string().optional().describe('Only if Earshot generated it; shown only once'),
})

export const endpoint = endpointBase.extend({
  is_active: z.boolean(),
  disabled_reason: z.string().nullable(),
  failing_since: instant.nullable().describe('Since when nothing has arrived there'),
  updated_at: instant,
})

export const endpointList = z.strictObject({ webhooks: z.array(endpoint) })

export const rotatedSecret = z.strictObject({
  id: z.string(),
  secret: z.string().optional().describe('Only if Earshot generated it; shown only once'),
  previous_secret_expires_at: instant.nullable(),
})

const attempt = z.strictObject({
  at: instant,
  duration_ms: z.int(),
  status: z.int().nullable().describe('HTTP status; null when no answer came'),
  error: z.string().nullable().describe('Why no answer came'),
  response_start: z.string().nullable().describe('First characters of the answer'),
})

export const delivery = z.strictObject({
  id: z.uuid(),
  event_id: z.string(),
  event_type: z.string(),
  status: z.enum(deliveryStatuses),
  attempt_count: z.int(),
  attempts: z.array(attempt).describe('Oldest first'),
  next_attempt_at: instant.nullable(),
  created_at: instant,
  finished_at: instant.nullable(),
})

export const deliveryList = z.strictObject({ data: z.array(delivery), next_cursor: z.string().nullable() })

export const deliveryDetail = delivery.extend({
  payload: z.record(z.string(), z.unknown()).describe('The body that is sent'),
})

export const queuedDelivery = z.strictObject({ delivery_id: z.uuid(), event_id: z.string() })

export const resent = z.strictObject({
  resent: z.int().describe('Events that are sent again'),
  next_since: instant.nullable().describe('Where to go on, when there were more than one request takes'),
})
