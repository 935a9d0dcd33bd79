import type { Ports } from '../../ports.ts'
import { sql, type Queryable } from '../../store/postgres/postgres.ts'

const channel = 'earshot_webhooks'

/**
 * Wakes those who send webhooks as soon as the transaction commits: something may be due. Not for ingestion, where a NOTIFY
 * would make all commits wait for one another; the notices of changes wake them then.
 */
export async function wakeDeliveries(tx: Queryable): Promise<void> {
  await tx.query(sql`SELECT pg_notify(${channel}, '')`)
}

/** Calls `wake` whenever a delivery may have become due, until the function that it gives is called. */
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
 * When the next delivery is due, in milliseconds since 1970, by the clock that is asked first; undefined when none waits.
 * Those that are held by a worker count when their lease has ended.
 */
export async function nextDelivery(on: Queryable, now: number): Promise<number | undefined> {
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
