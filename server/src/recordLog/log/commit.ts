import { setTimeout as wait } from 'node:timers/promises'
import type { RecordLogStores } from '../stores.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { insertBatch, packBatch, renderBatch, unpackBatch, type BatchRows } from './batchRows.ts'
import { requestFlush } from './flushRequests.ts'
import { keptAnswers, type KeptAnswer } from './idempotency.ts'
import type { CommitFacts } from '../commitAddition.ts'
import type { StoredRecord } from '../storedRecord.ts'
import type { CallEvent } from '../callEvents.ts'

/** The last numbers that an account has assigned. */
export interface Counters {
  batch: number
  seq: number
  number: number
}

/** A live process closes its entries within seconds; an older entry is treated as that of a dead process. */
export const entryTimeoutMs = 5000
/** A sender waits for the commit: an early error about an unreachable store is better than a long wait. */
const maxTriesOfCommit = 2

/**
 * Reads the account's counters once it has no open entry: live writers close their entries, and those of dead writers
 * are rolled forward. Throws the reason of the signal when it is aborted.
 */
export async function readCounters(
  stores: RecordLogStores,
  accountId: number,
  { processId, signal }: { processId: string; signal: AbortSignal },
): Promise<Counters> {
  await stores.postgres.run(sql`
    INSERT INTO ingest_accounts (account_id)
    VALUES (${accountId})
    ON CONFLICT DO NOTHING`)
  for (;;) {
    signal.throwIfAborted()
    // One statement reads both from one snapshot: an entry that is opened later has a higher batch than these counters.
    const row = await stores.postgres.first<Counters & { open: number | null; processId: string; age_ms: number }>(sql`
      SELECT
        last_batch AS batch,
        last_seq AS seq,
        last_number AS number,
        first.batch AS open,
        first.process_id AS "processId",
        extract(epoch FROM now() - first.created_at) * 1000 AS age_ms
      FROM ingest_accounts
      LEFT JOIN LATERAL (
        SELECT batch, process_id, created_at
        FROM ingest_batches
        WHERE ingest_batches.account_id = ingest_accounts.account_id
        ORDER BY batch
        LIMIT 1
      ) AS first ON true
      WHERE account_id = ${accountId}`)
    if (!row) return { batch: 0, seq: 0, number: 0 }
    const { batch, seq, number, open } = row
    if (open === null) return { batch, seq, number }
    if (row.processId === processId || row.age_ms >= entryTimeoutMs)
      await rollForward(stores, accountId, open, { maxTries: maxTriesOfCommit })
    else await requestFlush(stores, accountId)
  }
}

/** Whether no other process has committed since the counters were read, so that everything read since is current. */
export async function isCurrent(stores: RecordLogStores, accountId: number, counters: Counters): Promise<boolean> {
  const row = await stores.postgres.first<{ batch: number }>(sql`
    SELECT last_batch AS batch
    FROM ingest_accounts
    WHERE account_id = ${accountId}`)
  return (row?.batch ?? 0) === counters.batch
}

/** A batch that is durable in PostgreSQL; its rows still have to be inserted into ClickHouse. */
export interface LoggedBatch {
  counters: Counters
  rows: BatchRows
  /** Hashes of the record keys that it adds to the key table. */
  keyHashes: readonly number[]
}

/** What a batch stores beside its records. */
interface BatchContext {
  /** The process that inserts the batch into ClickHouse. */
  processId: string
  answers: KeptAnswer[]
  events: readonly CallEvent[]
  /** UTC days since 1970 on which the written calls end now or ended before the change. */
  days: ReadonlySet<number>
}

/**
 * Writes a batch as a write-ahead entry, together with the account's new counters and the answers to keep, in one
 * durable statement. Undefined when another process committed first, so that the commit must start over.
 */
export async function logBatch(
  stores: RecordLogStores,
  accountId: number,
  before: Counters,
  after: { seq: number; number: number },
  records: StoredRecord[],
  { processId, answers, events, days }: BatchContext,
): Promise<LoggedBatch | undefined> {
  const batch = before.batch + 1
  const { keyHashes, ...rows } = await renderBatch(records, accountId, batch)
  const packed = await packBatch(rows)
  const facts: CommitFacts = { accountId, batch, now: stores.now(), records, events, days, source: sql`committed` }
  const additions = [
    ...(await Promise.all(stores.commitAdditions.map((addition) => addition(stores.postgres, facts)))),
    keptAnswers(accountId, answers, facts.source),
  ].flatMap((addition) => (addition === undefined ? [] : [addition]))
  const committed = await undefinedOnConflict(() =>
    stores.postgres.query(sql`
      WITH committed AS (
        UPDATE ingest_accounts
        SET last_batch = ${batch}, last_seq = ${after.seq}, last_number = ${after.number}
        WHERE account_id = ${accountId}
          AND last_batch = ${before.batch}
        RETURNING account_id
      ),
      entry AS (
        INSERT INTO ingest_batches (account_id, batch, process_id, first_seq, first_number, rows)
        SELECT account_id, ${batch}, ${processId}, ${before.seq + 1}, ${before.number + 1}, ${packed}
        FROM committed
      )
      ${additions.reduce((all, addition) => sql`${all}, ${addition}`, sql``)}
      SELECT account_id FROM committed`),
  )
  return committed.length === 0 ? undefined : { counters: { batch, ...after }, rows, keyHashes }
}

/**
 * Returns undefined on a conflict with another process: it stored an answer under the same Idempotency-Key, removed a
 * webhook endpoint of this commit, or works on the recordings of a deleted call. The commit then starts over.
 */
async function undefinedOnConflict(write: () => Promise<object[]>): Promise<object[]> {
  try {
    return await write()
  } catch (error) {
    if (isCollision(error)) return []
    throw error
  }
}

/** Whether the error is a violated unique or foreign key, or a deadlock. */
function isCollision(error: unknown): boolean {
  return error instanceof Error && 'code' in error && ['23505', '23503', '40P01'].includes(String(error.code))
}

/** Inserts the rows of an open entry, which may repeat an earlier insert without harm, and then closes the entry. */
export async function rollForward(
  stores: RecordLogStores,
  accountId: number,
  batch: number,
  retry: RetryOptions = {},
): Promise<void> {
  const entry = await stores.postgres.first<{ rows: Buffer }>(sql`
    SELECT rows
    FROM ingest_batches
    WHERE account_id = ${accountId}
      AND batch = ${batch}`)
  if (!entry) return
  const rows = await unpackBatch(entry.rows)
  await retryUntilStored(stores, () => insertBatch(stores.clickhouse, rows), retry)
  await closeEntries(stores, accountId, [batch])
  stores.log.info({ accountId, batch }, 'rolled an unfinished batch forward')
}

/**
 * Rolls all open entries of dead writers forward, at the start and periodically. The signal ends it between two entries
 * or while a store is unreachable; another process or the next start does the rest.
 */
export async function recoverBatches(
  stores: RecordLogStores,
  { olderThanMs, signal }: { olderThanMs?: number; signal?: AbortSignal },
): Promise<void> {
  // Without an age, do not compare times: the clock may have been set back.
  const old =
    olderThanMs === undefined ? sql`` : sql`WHERE created_at <= now() - ${olderThanMs} * INTERVAL '1 millisecond'`
  const open = await stores.postgres.query<{ account_id: number; batch: number }>(sql`
    SELECT account_id, batch
    FROM ingest_batches
    ${old}
    ORDER BY account_id, batch`)
  const pause = (ms: number) => wait(ms, undefined, { signal }).catch(() => signal?.throwIfAborted())
  for (const entry of open) {
    signal?.throwIfAborted()
    await rollForward(stores, entry.account_id, entry.batch, { pause })
  }
}

/** Deletes the entries of batches that ClickHouse holds, which advances the watermark. */
export async function closeEntries(stores: RecordLogStores, accountId: number, batches: number[]): Promise<void> {
  await stores.postgres.run(sql`
    DELETE FROM ingest_batches
    WHERE account_id = ${accountId}
      AND batch = ANY(${batches})`)
}

/** How an operation on a failing store is retried. */
interface RetryOptions {
  maxTries?: number
  /** Waits before the next try; an error that it throws ends the retries. */
  pause?: (ms: number, error: unknown) => Promise<void>
}

/**
 * Retries until the store accepts the work. The entry is durable, so another caller can finish it if this one gives up.
 */
export async function retryUntilStored(
  stores: RecordLogStores,
  work: () => Promise<void>,
  { maxTries = Number.POSITIVE_INFINITY, pause = (ms) => wait(ms) }: RetryOptions = {},
): Promise<void> {
  for (let tried = 1; ; tried++) {
    try {
      return await work()
    } catch (error) {
      if (tried >= maxTries) throw error
      stores.log.error({ err: error, tried }, 'a store did not accept a logged batch; trying again')
      await pause(Math.min(100 * 2 ** tried, 5000), error)
    }
  }
}
