import type { Ports } from '../../ports.ts'
import { sql } from '../../store/postgres/postgres.ts'

/** An account whose feed is blocked. */
export interface BlockedFeed {
  accountId: number
  /** Number of the blocking call. */
  number: number
  seconds: number
}

/**
 * Lists the accounts whose feed has been blocked for longer than the setting allows, as of the last check. Internal; it
 * requires no scope.
 */
export async function listBlockedFeeds(ports: Ports): Promise<BlockedFeed[]> {
  const now = ports.now()
  const rows = await ports.postgres.query<{ account_id: number; number: number; since: Date }>(sql`
    SELECT feed_waits.account_id, feed_waits.number, feed_waits.since
    FROM feed_waits
    JOIN accounts ON accounts.id = feed_waits.account_id
    WHERE feed_waits.since <= ${new Date(now - ports.config.feedBlockedAfterSeconds * 1000)}
      AND accounts.disabled_at IS NULL
    ORDER BY feed_waits.account_id`)
  return rows.map((row) => ({
    accountId: row.account_id,
    number: row.number,
    seconds: Math.floor((now - row.since.getTime()) / 1000),
  }))
}
