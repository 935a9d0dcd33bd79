import type { Ports } from '../../ports.ts'
import { deliverEvents } from './deliverEvents.ts'
import { expireWebhooks } from './expireWebhooks.ts'

/** Sends webhooks beside the jobs, and forgets what is old. */
export function defineWebhookWork(ports: Ports): void {
  ports.jobs.always('webhook deliveries', (signal) => deliverEvents(ports, signal))
  ports.jobs.every('expire webhooks', 3600, (signal) => expireWebhooks(ports, signal))
}
