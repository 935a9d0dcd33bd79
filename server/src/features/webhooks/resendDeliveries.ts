import { wakeDeliveries } from './wakeDeliveries.ts'
import { requireScope, type Context } from '../../context.ts'
import { sql } from '../../store/postgres/postgres.ts'
import type { DeliveryStatus } from './delivery.ts'
import { requireActiveEndpoint } from './endpoint.ts'

/** Selects events of `[since, until)`; with `status`, only those whose latest delivery has it. */
export interface ResendRange {
  since: number
  until: number | undefined
  status: Exclude<DeliveryStatus, 'pending'> | undefined
}

export interface Resent {
  /** Events that are sent again. */
  count: number
  /** Start of the next request, in milliseconds since 1970; undefined when all events were included. */
  nextSince: number | undefined
}

/** Maximum events per request. */
const maxEvents = 50_000

/**
 * Sends the events of a time range to an endpoint again, oldest first, each once and with its original id. Events with
 * a pending delivery are skipped. Throws CONFLICT when the endpoint is disabled.
 */
export async function resendDeliveries(
  context: Context,
  endpointId: string,
  { since, until, status }: ResendRange,
): Promise<Resent> {
  requireScope(context, 'webhooks:manage')
  const { ports, accountId } = context
  await requireActiveEndpoint(context, ports.postgres, endpointId)
  const now = new Date(ports.now())
  const row = await ports.postgres.first<{ count: number; last_at: Date | null }>(sql`
    WITH latest AS (
      SELECT DISTINCT ON (event.at, event.id) event.id, event.at, delivery.status, delivery.batch
      FROM webhook_deliveries AS delivery
      JOIN webhook_events AS event ON event.id = delivery.event_id
      WHERE delivery.account_id = ${accountId}
        AND delivery.endpoint_id = ${endpointId}
        AND delivery.created_at >= ${new Date(since)}
        AND event.at >= ${new Date(since)}
        AND event.at < ${new Date(until ?? ports.now() + 1)}
      ORDER BY event.at, event.id, delivery.created_at DESC
    ),
    chosen AS (
      SELECT id, at, batch
      FROM latest
      WHERE status <> 'pending'
        AND status = coalesce(${status ?? null}::text, status)
      ORDER BY at
      -- Whole milliseconds, so that the next request can begin where this one ends.
      FETCH FIRST ${maxEvents} ROWS WITH TIES
    ),
    resent AS (
      INSERT INTO webhook_deliveries (id, account_id, endpoint_id, event_id, batch, next_at, created_at)
      SELECT
        gen_random_uuid(), ${accountId}, ${endpointId}, id, batch, ${now}::timestamptz, ${now}::timestamptz
      FROM chosen
    )
    SELECT count(*) AS count, max(at) AS last_at
    FROM chosen`)
  await wakeDeliveries(ports.postgres)
  const { count = 0, last_at: lastAt = null } = row ?? {}
  return { count, nextSince: count >= maxEvents && lastAt ? lastAt.getTime() + 1 : undefined }
}
