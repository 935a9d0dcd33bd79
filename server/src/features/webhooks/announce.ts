import { wakeDeliveries } from './wakeDeliveries.ts'
import { randomBytes } from 'node:crypto'
import { groupOf, type WebhookEvent } from '../../domain/webhookEvents.ts'
import { sql, type Queryable, type Sql } from '../../store/postgres/postgres.ts'

/** An event for the webhook endpoints of an account. */
export interface Announcement {
  type: WebhookEvent
  /** The call that the event concerns, if any. */
  callId?: string
  /** The payload's "data". */
  data: unknown
  /** Milliseconds since 1970. */
  at: number
}

/**
 * Returns statements for a WITH clause that insert events, with a delivery for each active endpoint that subscribes to
 * them; an event without subscribers is not stored. `source` names a relation: one row inserts the events, no row skips
 * them. Deliveries stay unsent until the ingestion batch `batch` is readable.
 */
export function announcementStatements(
  accountId: number,
  announcements: readonly Announcement[],
  { source, batch, now }: { source: Sql; batch: number | null; now: number },
): Sql {
  const events = announcements.map(({ type, callId, data, at }) => ({
    id: newEventId(),
    type,
    call_id: callId ?? null,
    data: JSON.stringify(data),
    at: new Date(at).toISOString(),
  }))
  const subscribes = (type: Sql): Sql => sql`
    endpoint.account_id = ${accountId}
      AND endpoint.is_active
      AND endpoint.events && ARRAY[${type}, split_part(${type}, '.', 1) || '.*', '*']`
  return sql`
    inserted AS (
      INSERT INTO webhook_events (id, account_id, type, call_id, data, at)
      SELECT event.id, ${accountId}, event.type, event.call_id, event.data, event.at
      FROM
        ${source},
        jsonb_to_recordset(${JSON.stringify(events)}::jsonb)
          AS event (id text, type text, call_id text, data text, at timestamptz)
      WHERE EXISTS (SELECT FROM webhook_endpoints AS endpoint WHERE ${subscribes(sql`event.type`)})
      RETURNING id, type
    ),
    deliveries AS (
      INSERT INTO webhook_deliveries (id, account_id, endpoint_id, event_id, batch, next_at, created_at)
      SELECT gen_random_uuid(), ${accountId}, endpoint.id, inserted.id, ${batch}::bigint, ${new Date(now)}, ${new Date(now)}
      FROM inserted
      JOIN webhook_endpoints AS endpoint ON ${subscribes(sql`inserted.type`)}
    )`
}

/**
 * Returns a predicate that says whether an active endpoint subscribes to an event, so that payloads without subscribers
 * are never built.
 */
export async function readSubscribedEvents(on: Queryable, accountId: number): Promise<(type: WebhookEvent) => boolean> {
  const rows = await on.query<{ type: string }>(sql`
    SELECT DISTINCT unnest(events) AS type
    FROM webhook_endpoints
    WHERE account_id = ${accountId}
      AND is_active`)
  const types = new Set(rows.map((row) => row.type))
  return (type) => types.has(type) || types.has(groupOf(type)) || types.has('*')
}

/** Inserts an event in the transaction that causes it. */
export async function announceEvent(
  tx: Queryable,
  { accountId, now }: { accountId: number; now: number },
  announcement: Announcement,
): Promise<void> {
  const source = sql`(SELECT 1) AS once`
  await tx.run(sql`
    WITH ${announcementStatements(accountId, [announcement], { source, batch: null, now })}
    SELECT 1`)
  await wakeDeliveries(tx)
}

export function newEventId(): string {
  return `evt_${randomBytes(16).toString('base64url')}`
}
