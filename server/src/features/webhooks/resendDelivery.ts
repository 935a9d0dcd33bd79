import { wakeDeliveries } from './wakeDeliveries.ts'
import { randomUUID } from 'node:crypto'
import { requireScope, type Context } from '../../context.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { noSuchDelivery } from './delivery.ts'
import { requireActiveEndpoint } from './endpoint.ts'

/**
 * Sends an event to its endpoint again, as a new delivery with the same event id. Returns the id of the new delivery.
 * Throws RESOURCE_NOT_FOUND, or CONFLICT when the endpoint is disabled.
 */
export async function resendDelivery(
  context: Context,
  { endpointId, deliveryId }: { endpointId: string; deliveryId: string },
): Promise<{ deliveryId: string; eventId: string }> {
  requireScope(context, 'webhooks:manage')
  const { ports, accountId } = context
  await requireActiveEndpoint(context, ports.postgres, endpointId)
  const newId = randomUUID()
  const now = new Date(ports.now())
  const inserted = await ports.postgres.first<{ event_id: string }>(sql`
    INSERT INTO webhook_deliveries (id, account_id, endpoint_id, event_id, batch, next_at, created_at)
    SELECT ${newId}::uuid, account_id, endpoint_id, event_id, batch, ${now}::timestamptz, ${now}::timestamptz
    FROM webhook_deliveries
    WHERE account_id = ${accountId}
      AND endpoint_id = ${endpointId}
      AND id = ${deliveryId}
    RETURNING event_id`)
  if (!inserted) throw noSuchDelivery()
  await wakeDeliveries(ports.postgres)
  return { deliveryId: newId, eventId: inserted.event_id }
}
