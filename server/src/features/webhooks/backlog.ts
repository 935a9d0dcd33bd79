import type { App } from '../../app.ts'
import { sql } from '../../store/postgres.ts'

/** What waits to be sent: deliveries, and how late the latest of those that are due is. */
export interface Backlog {
  pending: number
  oldestDueSeconds: number
}

/** The backlog over all accounts, for the figures of the process. */
export async function readBacklog(app: App): Promise<Backlog> {
  const row = await app.postgres.first<{ pending: number; oldest: Date | null }>(sql`
    SELECT count(*) AS pending, min(delivery.next_at) AS oldest
    FROM webhook_deliveries AS delivery
    JOIN webhook_endpoints AS endpoint ON endpoint.id = delivery.endpoint_id
    WHERE delivery.status = 'pending'
      AND endpoint.is_active`)
  const oldest = row?.oldest?.getTime() ?? Infinity
  return { pending: row?.pending ?? 0, oldestDueSeconds: Math.max(0, (app.now() - oldest) / 1000) }
}
