import type { z } from 'zod'
import { formatInstant } from '../../domain/instant.ts'
import type { Delivery } from '../../features/webhooks/delivery.ts'
import type { Endpoint } from '../../features/webhooks/endpoint.ts'
import type { Resent } from '../../features/webhooks/resendDeliveries.ts'
import type * as schema from './schema.ts'

function instantOf(date: Date | null): string | null {
  return date && formatInstant(date.getTime())
}

function baseOf({ id, url, events, description, createdAt }: Endpoint) {
  return { id, url, events, description, created_at: formatInstant(createdAt.getTime()) }
}

/** A new endpoint. `secret` is the generated one, if any. */
export function createdAnswer(endpoint: Endpoint, secret?: string): z.input<typeof schema.createdEndpoint> {
  return { ...baseOf(endpoint), active: endpoint.isActive, ...(secret === undefined ? {} : { secret }) }
}

export function endpointAnswer(endpoint: Endpoint): z.input<typeof schema.endpoint> {
  return {
    ...baseOf(endpoint),
    is_active: endpoint.isActive,
    disabled_reason: endpoint.disabledReason,
    failing_since: instantOf(endpoint.failingSince),
    updated_at: formatInstant(endpoint.updatedAt.getTime()),
  }
}

export function rotatedAnswer(
  { id }: Endpoint,
  { secret, previousUntil }: { secret: string | undefined; previousUntil: Date | null },
): z.input<typeof schema.rotatedSecret> {
  return { id, ...(secret === undefined ? {} : { secret }), previous_secret_expires_at: instantOf(previousUntil) }
}

export function deliveryAnswer(delivery: Delivery): z.input<typeof schema.delivery> {
  return {
    id: delivery.id,
    event_id: delivery.eventId,
    event_type: delivery.eventType,
    status: delivery.status,
    attempt_count: delivery.attempts.length,
    attempts: delivery.attempts.map(({ at, durationMs, status, error, responseStart }) => ({
      at: formatInstant(at.getTime()),
      duration_ms: durationMs,
      status,
      error,
      response_start: responseStart,
    })),
    next_attempt_at: instantOf(delivery.nextAttemptAt),
    created_at: formatInstant(delivery.createdAt.getTime()),
    finished_at: instantOf(delivery.finishedAt),
  }
}

export function queuedAnswer(queued: { deliveryId: string; eventId: string }): z.input<typeof schema.queuedDelivery> {
  return { delivery_id: queued.deliveryId, event_id: queued.eventId }
}

export function resentAnswer({ count, nextSince }: Resent): z.input<typeof schema.resent> {
  return { resent: count, next_since: nextSince === undefined ? null : formatInstant(nextSince) }
}
