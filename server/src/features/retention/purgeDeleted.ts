import type { Ports } from '../../ports.ts'
import { collections } from '../../domain/collections/all.ts'
import type { Collection } from '../../domain/collections/collection.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { readWatermark } from '../../recordLog/watermark.ts'

const eventBatchSize = 5_000

/** A range of an account's change order whose deletions are not purged yet. */
interface PurgeRange {
  accountId: number
  after: number
  upTo: number
}

/**
 * Purges deleted records. A deletion is a row that marks the record as deleted; earlier versions keep the content until
 * the engine merges them. This removes those versions from their parts now, and the events that quote a deleted call.
 * There is one mutation per table for all accounts, and none if nothing is left, because a mutation rewrites the parts
 * that it affects.
 */
export async function purgeDeleted(ports: Ports, signal?: AbortSignal): Promise<void> {
  const ranges = await readPurgeRanges(ports)
  if (ranges.length === 0) return
  for (const collection of collections) {
    signal?.throwIfAborted()
    await deleteRows(ports, collection.table, supersededBy(collection), ranges)
    if (collection.isPart && collection.key === 'callId') await deleteRows(ports, 'calls', copiesOf(collection), ranges)
  }
  for (const range of ranges) {
    signal?.throwIfAborted()
    if (await purgeEvents(ports, range)) await storePurged(ports, range)
  }
}

async function readPurgeRanges(ports: Ports): Promise<PurgeRange[]> {
  const rows = await ports.postgres.query<{ account_id: number; seq: number }>(sql`
    SELECT ingest_accounts.account_id, coalesce(purged_deletions.seq, 0) AS seq
    FROM ingest_accounts
    LEFT JOIN purged_deletions USING (account_id)
    WHERE ingest_accounts.last_seq > coalesce(purged_deletions.seq, 0)
    ORDER BY ingest_accounts.account_id`)
  const ranges: PurgeRange[] = []
  for (const { account_id: accountId, seq } of rows) {
    ranges.push({ accountId, after: seq, upTo: (await readWatermark(ports, accountId)).seq })
  }
  return ranges
}

/** Returns the key columns beside the account that identify a deleted record. */
function keyOf(collection: Collection): string {
  if (collection.name === 'calls') return 'account_id, number'
  if (!collection.isPart) return 'account_id, id'
  return collection.key === 'callId' ? 'account_id, call_id' : 'account_id, call_id, id'
}

const deletedSince = `
          AND removed = 1
          AND seq > arrayElement({afters:Array(UInt64)}, indexOf({accountIds:Array(UInt32)}, account_id))
          AND seq <= arrayElement({upTos:Array(UInt64)}, indexOf({accountIds:Array(UInt32)}, account_id))`

/** A deleted record is never written again, so every version with content is an old one. */
function supersededBy(collection: Collection): string {
  const key = keyOf(collection)
  return `
    account_id IN {accountIds:Array(UInt32)}
      AND removed != 1
      AND (${key}) IN
      (
        SELECT ${key}
        FROM ${collection.table}
        WHERE account_id IN {accountIds:Array(UInt32)}
          ${deletedSince}
      )`
}

/** Matches old versions of calls that contain a copy of a deleted evaluation or survey. */
function copiesOf(collection: Collection): string {
  const ids = `
        SELECT account_id, call_id
        FROM ${collection.table}
        WHERE account_id IN {accountIds:Array(UInt32)}
          ${deletedSince}`
  return `
    account_id IN {accountIds:Array(UInt32)}
      AND (account_id, id) IN
      (${ids}
      )
      AND (account_id, number, batch) NOT IN
      (
        SELECT account_id, number, max(batch)
        FROM calls
        WHERE account_id IN {accountIds:Array(UInt32)}
          AND (account_id, id) IN
          (${ids}
          )
        GROUP BY account_id, number
      )`
}

/** Deletes rows from the parts of a table and waits until this is done. */
async function deleteRows(ports: Ports, table: string, condition: string, ranges: PurgeRange[]): Promise<void> {
  const parameters = {
    accountIds: ranges.map((range) => range.accountId),
    afters: ranges.map((range) => range.after),
    upTos: ranges.map((range) => range.upTo),
  }
  // Rows that one replica has merged away may still exist on another.
  const left = await Promise.all(
    ports.clickhouse.copiesOf(table).map((copy) =>
      copy.rows<{ rows: number }>(
        `SELECT count() AS rows
         FROM ${table}
         WHERE ${condition}`,
        parameters,
      ),
    ),
  )
  if (left.flat().every(({ rows }) => rows === 0)) return
  await ports.clickhouse.command(
    `ALTER TABLE ${table}
     DELETE WHERE ${condition}
     SETTINGS mutations_sync = 2, allow_nondeterministic_mutations = 1`,
    parameters,
    { onEveryNode: true },
  )
}

/** Deletes the delivered events of deleted calls; returns false when some are still pending. */
async function purgeEvents(ports: Ports, { accountId, after, upTo }: PurgeRange): Promise<boolean> {
  for (let last = after; ;) {
    const rows = await ports.clickhouse.rows<{ id: string; seq: number }>(
      `SELECT id, seq
       FROM calls FINAL
       WHERE account_id = {accountId:UInt32}
         AND removed = 1
         AND seq > {last:UInt64}
         AND seq <= {upTo:UInt64}
       ORDER BY seq
       LIMIT {eventBatchSize:UInt32}`,
      { accountId, last, upTo, eventBatchSize },
    )
    if (rows.length === 0) return true
    if (
      !(await purgeEventsOf(
        ports,
        accountId,
        rows.map((row) => row.id),
      ))
    )
      return false
    last = rows.at(-1)?.seq ?? last
  }
}

async function purgeEventsOf(ports: Ports, accountId: number, callIds: string[]): Promise<boolean> {
  await ports.postgres.run(sql`
    DELETE FROM webhook_events
    WHERE account_id = ${accountId}
      AND call_id = ANY(${callIds})
      AND NOT EXISTS (
        SELECT FROM webhook_deliveries
        WHERE webhook_deliveries.event_id = webhook_events.id
          AND webhook_deliveries.status = 'pending'
      )`)
  const waiting = await ports.postgres.first(sql`
    SELECT 1
    FROM webhook_events
    WHERE account_id = ${accountId}
      AND call_id = ANY(${callIds})
    LIMIT 1`)
  return waiting === undefined
}

async function storePurged(ports: Ports, { accountId, upTo }: PurgeRange): Promise<void> {
  await ports.postgres.run(sql`
    INSERT INTO purged_deletions (account_id, seq)
    VALUES (${accountId}, ${upTo})
    ON CONFLICT (account_id) DO UPDATE
    SET seq = excluded.seq`)
}
