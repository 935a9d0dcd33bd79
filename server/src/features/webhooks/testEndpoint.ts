import { wakeDeliveries } from './wakeDeliveries.ts'
import { randomUUID } from 'node:crypto'
import { requireScope, type Context } from '../../context.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { newEventId } from './announce.ts'
import { requireActiveEndpoint } from './endpoint.ts'

/**
 * Sends an event `webhook.test` to one endpoint through the regular delivery queue. Throws CONFLICT when it is
 * disabled.
 */
export async function testEndpoint(
  context: Context,
  endpointId: string,
): Promise<{ deliveryId: string; eventId: string }> {
  requireScope(context, 'webhooks:manage')
  const { ports, accountId } = context
  await requireActiveEndpoint(context, ports.postgres, endpointId)
  const deliveryId = randomUUID()
  const eventId = newEventId()
  const now = new Date(ports.now())
  const data = JSON.stringify({ endpoint_id: endpointId, message: 'This is a test.' })
  await ports.postgres.run(sql`
    WITH event AS (
      INSERT INTO webhook_events (id, account_id, type, data, at)
      VALUES (${eventId}, ${accountId}, 'webhook.test', ${data}, ${now})
      RETURNING id
    )
    INSERT INTO webhook_deliveries (id, account_id, endpoint_id, event_id, next_at, created_at)
    SELECT ${deliveryId}::uuid, ${accountId}, ${endpointId}, event.id, ${now}::timestamptz, ${now}::timestamptz
    FROM event`)
  await wakeDeliveries(ports.postgres)
  return { deliveryId, eventId }
}
