import { AppError } from '../../errors.ts'
import { formatInstant } from '../../domain/instant.ts'
import { sql, type Sql } from '../../store/postgres/postgres.ts'

export const deliveryStatuses = ['pending', 'succeeded', 'failed'] as const

export type DeliveryStatus = (typeof deliveryStatuses)[number]

/** One attempt to send an event to an endpoint. */
interface Attempt {
  at: Date
  durationMs: number
  /** The HTTP status; null without an answer. */
  status: number | null
  /** Why no answer came. */
  error: string | null
  /** The first characters of the answer's body. */
  responseStart: string | null
}

/** One event for one endpoint. */
export interface Delivery {
  id: string
  eventId: string
  eventType: string
  status: DeliveryStatus
  /** The time of the next attempt; null when the delivery has ended. */
  nextAttemptAt: Date | null
  createdAt: Date
  finishedAt: Date | null
  /** Oldest first. */
  attempts: Attempt[]
}

export interface DeliveryRow {
  id: string
  event_id: string
  event_type: string
  status: DeliveryStatus
  next_at: Date
  created_at: Date
  finished_at: Date | null
  attempts: {
    at: string
    duration_ms: number
    status: number | null
    error: string | null
    response_start: string | null
  }[]
}

/** The columns of a DeliveryRow, for `webhook_deliveries AS delivery` joined with its `webhook_events AS event`. */
export const deliveryColumns: Sql = sql`
  delivery.id,
  delivery.event_id,
  event.type AS event_type,
  delivery.status,
  delivery.next_at,
  delivery.created_at,
  delivery.finished_at,
  (
    SELECT coalesce(jsonb_agg(attempt ORDER BY attempt.id), '[]')
    FROM webhook_attempts AS attempt
    WHERE attempt.delivery_id = delivery.id
  ) AS attempts`

export function deliveryFrom(row: DeliveryRow): Delivery {
  return {
    id: row.id,
    eventId: row.event_id,
    eventType: row.event_type,
    status: row.status,
    nextAttemptAt: row.status === 'pending' ? row.next_at : null,
    createdAt: row.created_at,
    finishedAt: row.finished_at,
    attempts: row.attempts.map((attempt) => ({
      at: new Date(attempt.at),
      durationMs: attempt.duration_ms,
      status: attempt.status,
      error: attempt.error,
      responseStart: attempt.response_start,
    })),
  }
}

export function noSuchDelivery(): AppError {
  return new AppError('RESOURCE_NOT_FOUND', 'There is no such delivery; deliveries are kept for 30 days.')
}

/** An event as stored. */
export interface StoredEvent {
  id: string
  type: string
  at: Date
  /** JSON. */
  data: string
}

/** The body of a delivery; every attempt sends the same bytes. */
export function payloadOf({ id, type, at, data }: StoredEvent): string {
  const head = JSON.stringify({ id, type, timestamp: formatInstant(at.getTime()) })
  return `${head.slice(0, -1)},"data":${data}}`
}
