import type { Ports } from '../ports.ts'
import { hasEmbeddedEngine } from '../config.ts'
import { unlessDiskFull } from '../errors.ts'
import { sql } from '../store/postgres/postgres.ts'
import { requestFlush } from './log/flushRequests.ts'
import { withDeadline } from './log/deadline.ts'
import { rollForward, entryTimeoutMs } from './log/commit.ts'

/**
 * Callers await this before they read an account: it resolves when everything that any process acknowledged before can
 * be read. An acknowledgement only means that records are durable, but readers must find them. Throws UNAVAILABLE when
 * that takes too long. While the disk is full, nothing more becomes readable, so reads continue without the newest
 * records.
 */
export async function waitUntilReadable(ports: Ports, accountId: number): Promise<void> {
  const work = (signal: AbortSignal): Promise<void> =>
    hasEmbeddedEngine(ports.config) ? ports.recordLog.flush(accountId) : waitForEntries(ports, accountId, signal)
  await unlessDiskFull(withDeadline(ports.config, work, 'reader'))
}

/** Waits until every entry that was open at the start is closed, including those of other processes. */
async function waitForEntries(ports: Ports, accountId: number, signal: AbortSignal): Promise<void> {
  const last = await ports.postgres.first<{ batch: number }>(sql`
    SELECT batch
    FROM ingest_batches
    WHERE account_id = ${accountId}
    ORDER BY batch DESC
    LIMIT 1`)
  if (!last) return
  await ports.recordLog.flush(accountId)
  while (!signal.aborted) {
    const open = await ports.postgres.first<{ batch: number; age_ms: number }>(sql`
      SELECT batch, extract(epoch FROM now() - created_at) * 1000 AS age_ms
      FROM ingest_batches
      WHERE account_id = ${accountId}
        AND batch <= ${last.batch}
      ORDER BY batch
      LIMIT 1`)
    if (!open) return
    // The writer of an old entry is dead, or cannot reach a store, which this process then finds out too.
    if (open.age_ms >= entryTimeoutMs) await rollForward(ports, accountId, open.batch, { maxTries: 1 })
    else await requestFlush(ports, accountId)
  }
}
