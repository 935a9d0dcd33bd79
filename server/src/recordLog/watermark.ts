import type { Ports } from '../ports.ts'
import { sql } from '../store/postgres/postgres.ts'
import { waitUntilReadable } from './waitUntilReadable.ts'

/** How far an account can be read: ClickHouse holds every change up to these counters. */
export interface Watermark {
  seq: number
  number: number
}

/**
 * The account's watermark: its last assigned counters, or those before its first open batch. Waits until the watermark
 * covers everything that was acknowledged before.
 */
export async function readWatermark(ports: Ports, accountId: number): Promise<Watermark> {
  await waitUntilReadable(ports, accountId)
  const row = await ports.postgres.first<Watermark>(sql`
    SELECT
      coalesce(min(ingest_batches.first_seq) - 1, ingest_accounts.last_seq) AS seq,
      coalesce(min(ingest_batches.first_number) - 1, ingest_accounts.last_number) AS number
    FROM ingest_accounts
    LEFT JOIN ingest_batches USING (account_id)
    WHERE ingest_accounts.account_id = ${accountId}
    GROUP BY ingest_accounts.account_id`)
  return row ?? { seq: 0, number: 0 }
}
