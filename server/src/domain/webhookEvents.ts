/** The events that an endpoint may subscribe to. */
export const webhookEvents = [
  'call.started',
  'call.completed',
  'call.escalated',
  'call.analyzed',
  'evaluation.completed',
  'survey.completed',
  'recording.ready',
  'export.completed',
  'export.failed',
  'report.delivered',
  'webhook.disabled',
] as const

export type WebhookEvent = (typeof webhookEvents)[number]

/** All events about one thing, such as `call.*`. */
export type WebhookEventGroup = WebhookEvent extends `${infer Thing}.${string}` ? `${Thing}.*` : never

export function groupOf(event: WebhookEvent): WebhookEventGroup {
  // The cast is safe because each event name begins with its group.
  return `${event.split('.')[0] ?? ''}.*` as WebhookEventGroup
}

export const webhookEventGroups: readonly WebhookEventGroup[] = [...new Set(webhookEvents.map(groupOf))]
