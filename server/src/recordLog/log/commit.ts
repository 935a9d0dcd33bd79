import { setTimeout as wait } from 'node:timers/promises'
import type { RecordLogStores } from '../stores.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { insertBatch, packBatch, renderBatch, unpackBatch, type BatchRows } from './batchRows.ts'
import { requestFlush } from './flushRequests.ts'
import { keptAnswers, type KeptAnswer } from './idempotency.ts'
import type { CommitFacts } from '../commitAddition.ts'
import type { StoredRecord } from '../storedRecord.ts'
import type { CallEvent } from '../callEvents.ts'

/** The last places that an account gave out. */
export interface Counters {
  batch: number
  seq: number
  number: number
}

/** An entry of a live process is closed within moments; an older one belongs to a dead process. */
export const entryTimeoutMs = 5000
/** Somebody waits for a turn: it is better told that a store is away than kept. */
const maxTriesOfCommit = 2

/**
 * The account's places, once no entry is open below them: those of others are rolled forward, or closed by their writer.
 * Throws what aborts the signal.
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
    // In one statement, so of one moment: an entry that is opened after it takes a place that was not the account's yet.
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

/** Whether no other process wrote since: what was read then is how things stand. */
export async function isCurrent(stores: RecordLogStores, accountId: number, counters: Counters): Promise<boolean> {
  const row = await stores.postgres.first<{ batch: number }>(sql`
    SELECT last_batch AS batch
    FROM ingest_accounts
    WHERE account_id = ${accountId}`)
  return (row?.batch ?? 0) === counters.batch
}

/** A batch that is durable: its rows still have to reach ClickHouse. */
export interface LoggedBatch {
  counters: Counters
  rows: BatchRows
  /** Hashes of the record keys that it makes known. */
  keyHashes: readonly number[]
}

/** What goes with the records of a batch. */
interface BatchContext {
  /** Who brings it into ClickHouse. */
  processId: string
  answers: KeptAnswer[]
  events: readonly CallEvent[]
  /** UTC days since 1970 on which calls ended, or had ended before, that it writes. */
  days: ReadonlySet<number>
}

/**
 * Writes a batch into the write-ahead entry, with the places it takes and the answers it keeps, in one durable
 * statement. Undefined when another process took the places first and the turn must begin anew.
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
 * Another process kept an answer under the same key a moment ago, removed an endpoint that was to be told, or works on the
 * recordings of a call that goes: as if it had taken the turn.
 */
async function undefinedOnConflict(write: () => Promise<object[]>): Promise<object[]> {
  try {
    return await write()
  } catch (error) {
    if (isCollision(error)) return []
    throw error
  }
}

/** Of a unique or a foreign key, or of the order in which rows are locked. */
function isCollision(error: unknown): boolean {
  return error instanceof Error && 'code' in error && ['23505', '23503', '40P01'].includes(String(error.code))
}

/** Brings an open entry to its end: the same rows once more, which is harmless, then closed. */
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
 * Rolls every open entry of dead writers forward; at the start and now and then. The signal ends it between two of them,
 * or while a store is away; what is left then is another's to do, or the next start's.
 */
export async function recoverBatches(
  stores: RecordLogStores,
  { olderThanMs, signal }: { olderThanMs?: number; signal?: AbortSignal },
): Promise<void> {
  // Without an age no clock is asked: it may have gone back since.
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

/** Closes the entries of batches that are in ClickHouse, which moves the watermark. */
export async function closeEntries(stores: RecordLogStores, accountId: number, batches: number[]): Promise<void> {
  await stores.postgres.run(sql`
    DELETE FROM ingest_batches
    WHERE account_id = ${accountId}
      AND batch = ANY(${batches})`)
}

/** How a store that fails is tried again. */
interface RetryOptions {
  maxTries?: number
  /** Waits before the next try; what it throws ends the trying. */
  pause?: (ms: number, error: unknown) => Promise<void>
}

/** The entry is durable, so a failing store only delays what must be done in the end: by this caller, or another. */
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
      stores.log.error({ err: error, tried }, 'a store did not take a promised batch; trying again')
      await pause(Math.min(100 * 2 ** tried, 5000), error)
    }
  }
}
