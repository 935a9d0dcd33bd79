import { randomUUID } from 'node:crypto'
import type { Ports } from '../ports.ts'
import { AppError } from '../errors.ts'
import { sql } from '../store/postgres/postgres.ts'
import { packBatch } from './log/batchRows.ts'
import { requestFlush } from './log/flushRequests.ts'
import { withDeadline } from './log/deadline.ts'
import { rollForward, entryTimeoutMs } from './log/commit.ts'
import type { Watermark } from './watermark.ts'

const renewalMs = 1000

/** A batch without rows: while its entry is open, no process can commit for the account. */
interface HeldCommit extends Watermark {
  batch: number
}

/**
 * Runs `work` while no process writes to the account: ClickHouse then holds everything that was acknowledged before,
 * and nothing newer. Senders wait, so the work must be short. If the process dies meanwhile, others wait as long as for
 * any dead writer. Returns the watermark of that moment. Throws UNAVAILABLE when the stores are too slow.
 */
export async function holdCommits(ports: Ports, accountId: number, work: () => Promise<void>): Promise<Watermark> {
  const { batch, seq, number } = await beginEmptyCommit(ports, accountId)
  const renewal = setInterval(() => void renewCommit(ports, accountId, batch).catch(() => {}), renewalMs)
  let isWhole = false
  try {
    await withDeadline(ports.config, (signal) => waitForEarlier(ports, { accountId, batch, signal }), 'reader')
    await work()
  } finally {
    clearInterval(renewal)
    isWhole = await endCommit(ports, accountId, batch)
  }
  if (!isWhole) throw holdLost()
  return { seq, number }
}

async function beginEmptyCommit({ postgres }: Ports, accountId: number): Promise<HeldCommit> {
  const rows = await packBatch({ tables: [] })
  const held = await postgres.first<HeldCommit>(sql`
    WITH held AS (
      INSERT INTO ingest_accounts (account_id, last_batch)
      VALUES (${accountId}, 1)
      ON CONFLICT (account_id) DO UPDATE
      SET last_batch = ingest_accounts.last_batch + 1
      RETURNING last_batch, last_seq, last_number
    ),
    entry AS (
      INSERT INTO ingest_batches (account_id, batch, process_id, first_seq, first_number, rows)
      SELECT ${accountId}, last_batch, ${randomUUID()}, last_seq + 1, last_number + 1, ${rows}
      FROM held
    )
    SELECT last_batch AS batch, last_seq AS seq, last_number AS number
    FROM held`)
  if (!held) throw new Error('The account has no counters.')
  return held
}

/**
 * Waits until no earlier entry is open: a live writer stores its own entries, and those of a dead writer are rolled
 * forward.
 */
async function waitForEarlier(
  ports: Ports,
  { accountId, batch, signal }: { accountId: number; batch: number; signal: AbortSignal },
): Promise<void> {
  while (!signal.aborted) {
    await ports.recordLog.flush(accountId)
    const open = await ports.postgres.first<{ batch: number; age_ms: number }>(sql`
      SELECT batch, extract(epoch FROM now() - created_at) * 1000 AS age_ms
      FROM ingest_batches
      WHERE account_id = ${accountId}
        AND batch < ${batch}
      ORDER BY batch
      LIMIT 1`)
    if (!open) return
    if (open.age_ms >= entryTimeoutMs) await rollForward(ports, accountId, open.batch, { maxTries: 1 })
    else await requestFlush(ports, accountId)
  }
}

/** Keeps the entry young, because other processes treat an old entry as that of a dead writer. */
async function renewCommit({ postgres }: Ports, accountId: number, batch: number): Promise<void> {
  await postgres.run(sql`
    UPDATE ingest_batches
    SET created_at = now()
    WHERE account_id = ${accountId}
      AND batch = ${batch}`)
}

/** False when another process treated this one as dead, so that commits may have happened meanwhile. */
async function endCommit({ postgres }: Ports, accountId: number, batch: number): Promise<boolean> {
  const closed = await postgres.first(sql`
    DELETE FROM ingest_batches
    WHERE account_id = ${accountId}
      AND batch = ${batch}
    RETURNING batch`)
  return closed !== undefined
}

function holdLost(): AppError {
  return new AppError('UNAVAILABLE', 'The stores were too slow for one view of the account; try again later.', {
    retryAfterSeconds: 5,
  })
}
