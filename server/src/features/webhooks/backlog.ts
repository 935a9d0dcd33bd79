import type { Ports } from '../../ports.ts'
import { sql } from '../../store/postgres/postgres.ts'

/**
 * What waits to be sent: deliveries, counted up to 100,000, and how late the latest of those that are due is. Those of
 * disabled endpoints and accounts wait for nobody.
 */
export interface Backlog {
  pending: number
  oldestDueSeconds: number
}

const maxCounted = 100_000

/** The backlog over all accounts, for the figures of the process. */
export async function readBacklog(ports: Pick<Ports, 'postgres' | 'now'>): Promise<Backlog> {
  // Read along the index, endpoint by endpoint: the cost does not grow with what waits.
  const row = await ports.postgres.first<{ pending: number; oldest: Date | null }>(sql`
    SELECT
      (
        SELECT count(*)
        FROM (
          SELECT 1
          FROM webhook_deliveries AS delivery
          JOIN webhook_endpoints AS endpoint ON endpoint.id = delivery.endpoint_id
          JOIN accounts ON accounts.id = endpoint.account_id
          WHERE delivery.status = 'pending'
            AND endpoint.is_active
            AND accounts.disabled_at IS NULL
          LIMIT ${maxCounted}
        ) AS counted
      ) AS pending,
      (
        SELECT min(first.next_at)
        FROM webhook_endpoints AS endpoint
        JOIN accounts ON accounts.id = endpoint.account_id
        CROSS JOIN LATERAL (
          SELECT delivery.next_at
          FROM webhook_deliveries AS delivery
          WHERE delivery.endpoint_id = endpoint.id
            AND delivery.status = 'pending'
          ORDER BY delivery.next_at
          LIMIT 1
        ) AS first
        WHERE endpoint.is_active
          AND accounts.disabled_at IS NULL
      ) AS oldest`)
  const oldest = row?.oldest?.getTime() ?? Infinity
  return { pending: row?.pending ?? 0, oldestDueSeconds: Math.max(0, (ports.now() - oldest) / 1000) }
}
