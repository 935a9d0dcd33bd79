import type { Ports } from '../../ports.ts'
import { deliverEvents } from './deliverEvents.ts'
import { expireWebhooks } from './expireWebhooks.ts'

/** Starts the delivery loop beside the jobs, and schedules the deletion of old events. */
export function defineWebhookWork(ports: Ports): void {
  ports.jobs.always('webhook deliveries', (signal) => deliverEvents(ports, signal))
  ports.jobs.every('expire webhooks', 3600, (signal) => expireWebhooks(ports, signal))
}
