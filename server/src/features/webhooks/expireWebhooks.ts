import type { Ports } from '../../ports.ts'
import { sql, type Sql } from '../../store/postgres/postgres.ts'

/** Lifetime of events, their deliveries and their attempts. */
const lifetimeMs = 30 * 24 * 60 * 60 * 1000
const batchSize = 1000

/** Deletes old events with their deliveries, and the deliveries of deleted endpoints, in small batches. */
export async function expireWebhooks(ports: Ports, signal?: AbortSignal): Promise<void> {
  const removeAll = async (removal: Sql): Promise<void> => {
    do signal?.throwIfAborted()
    while ((await ports.postgres.run(removal)) === batchSize)
  }
  await removeAll(sql`
    DELETE FROM webhook_events
    WHERE id IN (
      SELECT id
      FROM webhook_events
      WHERE at <= ${new Date(ports.now() - lifetimeMs)}
      ORDER BY at
      LIMIT ${batchSize}
    )`)
  await removeAll(sql`
    DELETE FROM webhook_deliveries
    WHERE id IN (
      SELECT delivery.id
      FROM webhook_endpoints AS endpoint
      JOIN webhook_deliveries AS delivery ON delivery.endpoint_id = endpoint.id
      WHERE endpoint.deleted_at IS NOT NULL
      LIMIT ${batchSize}
    )`)
  await ports.postgres.run(sql`
    DELETE FROM webhook_endpoints AS endpoint
    WHERE deleted_at IS NOT NULL
      AND NOT EXISTS (SELECT FROM webhook_deliveries WHERE endpoint_id = endpoint.id)`)
}
