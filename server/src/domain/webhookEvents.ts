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
