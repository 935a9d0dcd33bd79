import type { Ports } from '../../ports.ts'
import { sql, type Queryable } from '../../store/postgres/postgres.ts'

const channel = 'earshot_webhooks'

/**
 * Notifies the delivery loops of all processes when the transaction commits, because a delivery may be due. Ingestion
 * does not use it, because a NOTIFY would serialize all commits; there the change notices wake the loops.
 */
export async function wakeDeliveries(tx: Queryable): Promise<void> {
  await tx.query(sql`SELECT pg_notify(${channel}, '')`)
}

/** Calls `wake` whenever a delivery may be due, until the returned function is called. */
export async function watchDeliveries(ports: Ports, wake: () => void): Promise<() => Promise<void>> {
  const stopWatching = ports.notices.watchAll(wake)
  const stopListening = await ports.postgres.listen(channel, wake, wake).catch((error: unknown) => {
    stopWatching()
    throw error
  })
  return async () => {
    stopWatching()
    await stopListening()
  }
}

/**
 * Returns when the next delivery is due, in milliseconds since 1970, by whichever clock (the caller's or that of the
 * database) reaches it first; undefined when none is pending. Leased deliveries are skipped until their lease has
 * ended.
 */
export async function readNextDueTime(on: Queryable, now: number): Promise<number | undefined> {
  const row = await on.first<{ at: Date | null; is_due: boolean | null }>(sql`
    SELECT min(first.next_at) AS at, min(first.next_at) <= now() AS is_due
    FROM webhook_endpoints AS endpoint
    JOIN accounts ON accounts.id = endpoint.account_id
    CROSS JOIN LATERAL (
      SELECT delivery.next_at
      FROM webhook_deliveries AS delivery
      WHERE delivery.endpoint_id = endpoint.id
        AND delivery.status = 'pending'
        AND (delivery.worker IS NULL OR delivery.lease_until <= now())
      ORDER BY delivery.next_at
      LIMIT 1
    ) AS first
    WHERE endpoint.is_active
      AND accounts.disabled_at IS NULL`)
  if (!row?.at) return undefined
  return row.is_due ? Math.min(row.at.getTime(), now) : row.at.getTime()
}
