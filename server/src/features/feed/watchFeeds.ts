import type { Ports } from '../../ports.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { readWatermark } from '../../recordLog/watermark.ts'
import { isUnfinished } from './conditions.ts'

const loggedEveryMs = 3_600_000

/**
 * Finds the call that blocks the feed of each changed account, and logs once an hour those calls that have not changed
 * for longer than the setting allows. Internal; it requires no scope.
 */
export async function watchFeeds(ports: Ports, signal?: AbortSignal): Promise<void> {
  const changed = await ports.postgres.query<{ account_id: number; last_seq: number }>(sql`
    SELECT ingest_accounts.account_id, ingest_accounts.last_seq
    FROM ingest_accounts
    LEFT JOIN feed_waits USING (account_id)
    WHERE feed_waits.checked_seq IS DISTINCT FROM ingest_accounts.last_seq
    ORDER BY ingest_accounts.account_id`)
  for (const { account_id: accountId, last_seq: seq } of changed) {
    signal?.throwIfAborted()
    await storeBlockingCall(ports, accountId, seq)
  }
  await logBlockedFeeds(ports)
}

async function storeBlockingCall(ports: Ports, accountId: number, seq: number): Promise<void> {
  const watermark = await readWatermark(ports, accountId)
  const [first] = await ports.clickhouse.rows<{ number: number; updatedAt: number }>(
    `SELECT number, toUnixTimestamp64Milli(updated_at) AS updatedAt
     FROM calls FINAL
     WHERE account_id = {accountId:UInt32}
       AND number <= {lastNumber:UInt64}
       AND removed = 0
       AND ${isUnfinished}
     ORDER BY number
     LIMIT 1`,
    { accountId, lastNumber: watermark.number },
  )
  await ports.postgres.run(sql`
    INSERT INTO feed_waits AS known (account_id, checked_seq, number, since)
    VALUES (${accountId}, ${seq}, ${first?.number ?? null}, ${first ? new Date(first.updatedAt) : null})
    ON CONFLICT (account_id) DO UPDATE
    SET checked_seq = excluded.checked_seq,
        number = excluded.number,
        since = excluded.since,
        logged_at = CASE WHEN known.number = excluded.number THEN known.logged_at END`)
}

async function logBlockedFeeds(ports: Ports): Promise<void> {
  const now = ports.now()
  const rows = await ports.postgres.query<{ account_id: number; number: number; since: Date }>(sql`
    UPDATE feed_waits
    SET logged_at = ${new Date(now)}
    WHERE since <= ${new Date(now - ports.config.feedBlockedAfterSeconds * 1000)}
      AND (logged_at IS NULL OR logged_at <= ${new Date(now - loggedEveryMs)})
    RETURNING account_id, number, since`)
  for (const { account_id: accountId, number, since } of rows) {
    const seconds = Math.floor((now - since.getTime()) / 1000)
    ports.log.warn({ accountId, callNumber: number, seconds }, 'the call feed waits for a call that does not change')
  }
}
