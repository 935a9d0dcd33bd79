import type { Ports } from '../ports.ts'
import { hasEmbeddedEngine } from '../config.ts'
import { unlessDiskFull } from '../errors.ts'
import { sql } from '../store/postgres/postgres.ts'
import { requestFlush } from './log/flushRequests.ts'
import { withDeadline } from './log/deadline.ts'
import { rollForward, entryTimeoutMs } from './log/commit.ts'

/**
 * To be awaited before reading an account: resolves when everything acknowledged before, by any process, can be read.
 * An acknowledgement only says that records are durable; a reader must find them all the same.
 * Throws UNAVAILABLE when that takes too long. While the disk is full nothing more becomes readable, and reading goes on
 * without.
 */
export async function waitUntilReadable(ports: Ports, accountId: number): Promise<void> {
  const work = (signal: AbortSignal): Promise<void> =>
    hasEmbeddedEngine(ports.config) ? ports.recordLog.flush(accountId) : waitForEntries(ports, accountId, signal)
  await unlessDiskFull(withDeadline(ports.config, work, 'reader'))
}

/** Other processes' batches count too: waits until no entry is open that was there at the start. */
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
    // Its writer is dead, or as much in trouble as this process will be.
    if (open.age_ms >= entryTimeoutMs) await rollForward(ports, accountId, open.batch, { maxTries: 1 })
    else await requestFlush(ports, accountId)
  }
}
