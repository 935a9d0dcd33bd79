import { requireScope, type Context } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { sql, type Sql } from '../../store/postgres/postgres.ts'
import { deliveryColumns, deliveryFrom, type Delivery, type DeliveryRow, type DeliveryStatus } from './delivery.ts'
import { requireEndpoint } from './endpoint.ts'

export interface DeliveryPage {
  deliveries: Delivery[]
  /** Cursor of the next page; undefined on the last page. */
  nextCursor: string | undefined
}

/** Reads a page of the deliveries of an endpoint, newest first. */
export async function listDeliveries(
  context: Context,
  endpointId: string,
  { limit, cursor, status }: { limit: number; cursor: string | undefined; status: DeliveryStatus | undefined },
): Promise<DeliveryPage> {
  requireScope(context, 'webhooks:manage')
  const { ports, accountId } = context
  await requireEndpoint(context, ports.postgres, endpointId)
  const rows = await ports.postgres.query<DeliveryRow>(sql`
    SELECT ${deliveryColumns}
    FROM webhook_deliveries AS delivery
    JOIN webhook_events AS event ON event.id = delivery.event_id
    WHERE delivery.account_id = ${accountId}
      AND delivery.endpoint_id = ${endpointId}
      ${hasStatus(status)}
      ${cursor === undefined ? sql`` : isAfter(cursor)}
    ORDER BY delivery.created_at DESC, delivery.id DESC
    LIMIT ${limit + 1}`)
  const deliveries = rows.slice(0, limit).map(deliveryFrom)
  const last = deliveries.at(-1)
  return { deliveries, nextCursor: rows.length > limit && last ? cursorOf(last) : undefined }
}

/** The status is a literal instead of a bound value, so that the planner can use the partial index of that status. */
function hasStatus(status: DeliveryStatus | undefined): Sql {
  switch (status) {
    case undefined:
      return sql``
    case 'pending':
      return sql`AND delivery.status = 'pending'`
    case 'succeeded':
      return sql`AND delivery.status = 'succeeded'`
    case 'failed':
      return sql`AND delivery.status = 'failed'`
  }
}

function cursorOf({ createdAt, id }: Delivery): string {
  return Buffer.from(`${createdAt.getTime()} ${id}`).toString('base64url')
}

function isAfter(cursor: string): Sql {
  const [, time, id] =
    /^(\d{1,14}) ([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? []
  if (time === undefined || id === undefined) {
    const message = 'must be the next_cursor of an earlier page'
    throw new AppError('VALIDATION_ERROR', `The cursor ${message}.`, { details: [{ field: 'cursor', message }] })
  }
  return sql`AND (delivery.created_at, delivery.id) < (${new Date(Number(time))}::timestamptz, ${id}::uuid)`
}
