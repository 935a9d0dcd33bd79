import type { Ports } from '../../ports.ts'
import { sql } from '../../store/postgres/postgres.ts'

/**
 * The unsent deliveries: their count up to 100,000, and the delay of the oldest due one. Deliveries of disabled
 * endpoints and accounts do not count.
 */
export interface Backlog {
  pending: number
  oldestDueSeconds: number
}

const maxCounted = 100_000

/** Reads the backlog over all accounts, for the metrics of the process. */
export async function readBacklog(ports: Pick<Ports, 'postgres' | 'now'>): Promise<Backlog> {
  // The statement reads one index entry per endpoint, so its cost does not grow with the backlog.
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
