import type { App } from '../../app.ts'
import { deliverEvents } from './deliverEvents.ts'
import { expireWebhooks } from './expireWebhooks.ts'

/** Sends webhooks beside the jobs, and forgets what is old. */
export function defineWebhookWork(app: App): void {
  app.jobs.always('webhook deliveries', (signal) => deliverEvents(app, signal))
  app.jobs.every('expire webhooks', 3600, (signal) => expireWebhooks(app, signal))
}
