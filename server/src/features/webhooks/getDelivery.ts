import { requireScope, type Context } from '../../context.ts'
import { sql } from '../../store/postgres/postgres.ts'
import {
  deliveryColumns,
  deliveryFrom,
  noSuchDelivery,
  payloadOf,
  type Delivery,
  type DeliveryRow,
  type StoredEvent,
} from './delivery.ts'
import { requireEndpoint } from './endpoint.ts'

/** Reads a delivery of an endpoint, with the body that is sent. Throws RESOURCE_NOT_FOUND for other ids. */
export async function getDelivery(
  context: Context,
  { endpointId, deliveryId }: { endpointId: string; deliveryId: string },
): Promise<{ delivery: Delivery; payload: string }> {
  requireScope(context, 'webhooks:manage')
  const { ports, accountId } = context
  await requireEndpoint(context, ports.postgres, endpointId)
  const row = await ports.postgres.first<DeliveryRow & Pick<StoredEvent, 'at' | 'data'>>(sql`
    SELECT ${deliveryColumns}, event.at, event.data
    FROM webhook_deliveries AS delivery
    JOIN webhook_events AS event ON event.id = delivery.event_id
    WHERE delivery.account_id = ${accountId}
      AND delivery.endpoint_id = ${endpointId}
      AND delivery.id = ${deliveryId}`)
  if (!row) throw noSuchDelivery()
  const payload = payloadOf({ id: row.event_id, type: row.event_type, at: row.at, data: row.data })
  return { delivery: deliveryFrom(row), payload }
}
