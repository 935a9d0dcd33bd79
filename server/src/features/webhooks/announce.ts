import { wakeDeliveries } from './wakeDeliveries.ts'
import { randomBytes } from 'node:crypto'
import { groupOf, type WebhookEvent } from '../../domain/webhookEvents.ts'
import { sql, type Queryable, type Sql } from '../../store/postgres/postgres.ts'

/** Something to tell the account's endpoints. */
export interface Announcement {
  type: WebhookEvent
  /** The call that it is about, if it is about one. */
  callId?: string
  /** The payload's "data". */
  data: unknown
  /** Milliseconds since 1970. */
  at: number
}

/**
 * Statements for a WITH clause that write events, with a delivery for each active endpoint that wants them; an event that
 * nobody wants is not written. `source` names a relation with one row to write them, none to leave it; a delivery waits
 * until the batch is closed.
 */
export function announcing(
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
  const wants = (type: Sql): Sql => sql`
    endpoint.account_id = ${accountId}
      AND endpoint.is_active
      AND endpoint.events && ARRAY[${type}, split_part(${type}, '.', 1) || '.*', '*']`
  return sql`
    told AS (
      INSERT INTO webhook_events (id, account_id, type, call_id, data, at)
      SELECT event.id, ${accountId}, event.type, event.call_id, event.data, event.at
      FROM
        ${source},
        jsonb_to_recordset(${JSON.stringify(events)}::jsonb)
          AS event (id text, type text, call_id text, data text, at timestamptz)
      WHERE EXISTS (SELECT FROM webhook_endpoints AS endpoint WHERE ${wants(sql`event.type`)})
      RETURNING id, type
    ),
    deliveries AS (
      INSERT INTO webhook_deliveries (id, account_id, endpoint_id, event_id, batch, next_at, created_at)
      SELECT gen_random_uuid(), ${accountId}, endpoint.id, told.id, ${batch}::bigint, ${new Date(now)}, ${new Date(now)}
      FROM told
      JOIN webhook_endpoints AS endpoint ON ${wants(sql`told.type`)}
    )`
}

/** A test whether an active endpoint of the account wants an event, so that nothing is made ready that nobody wants. */
export async function wantedEvents(on: Queryable, accountId: number): Promise<(type: WebhookEvent) => boolean> {
  const rows = await on.query<{ type: string }>(sql`
    SELECT DISTINCT unnest(events) AS type
    FROM webhook_endpoints
    WHERE account_id = ${accountId}
      AND is_active`)
  const types = new Set(rows.map((row) => row.type))
  return (type) => types.has(type) || types.has(groupOf(type)) || types.has('*')
}

/** Announces something in the transaction that makes it so. */
export async function announceEvent(
  tx: Queryable,
  { accountId, now }: { accountId: number; now: number },
  announcement: Announcement,
): Promise<void> {
  const source = sql`(SELECT 1) AS once`
  await tx.run(sql`
    WITH ${announcing(accountId, [announcement], { source, batch: null, now })}
    SELECT 1`)
  await wakeDeliveries(tx)
}

export function newEventId(): string {
  return `evt_${randomBytes(16).toString('base64url')}`
}
