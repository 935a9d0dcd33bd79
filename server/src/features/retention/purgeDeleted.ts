import type { Ports } from '../../ports.ts'
import { collections } from '../../domain/collections/all.ts'
import type { Collection } from '../../domain/collections/collection.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { readWatermark } from '../../recordLog/watermark.ts'

const eventsAtOnce = 5_000

/** Places of an account's change order whose deletions are still to be made good. */
interface Span {
  accountId: number
  after: number
  upTo: number
}

/**
 * Makes deletions complete. A deleted record is a row that says so, over earlier versions that hold its content until the
 * engine happens to merge them: those are cut out of their parts now, and events that quote a deleted call go with it.
 * One mutation a table for all accounts, and none where nothing is left, since it writes the parts that it touches anew.
 */
export async function purgeDeleted(ports: Ports, signal?: AbortSignal): Promise<void> {
  const spans = await openSpans(ports)
  if (spans.length === 0) return
  for (const collection of collections) {
    signal?.throwIfAborted()
    await cutOut(ports, collection.table, supersededBy(collection), spans)
    if (collection.isPart && collection.key === 'callId') await cutOut(ports, 'calls', copiesOf(collection), spans)
  }
  for (const span of spans) {
    signal?.throwIfAborted()
    if (await purgeEvents(ports, span)) await closeSpan(ports, span)
  }
}

async function openSpans(ports: Ports): Promise<Span[]> {
  const rows = await ports.postgres.query<{ account_id: number; seq: number }>(sql`
    SELECT ingest_accounts.account_id, coalesce(purged_deletions.seq, 0) AS seq
    FROM ingest_accounts
    LEFT JOIN purged_deletions USING (account_id)
    WHERE ingest_accounts.last_seq > coalesce(purged_deletions.seq, 0)
    ORDER BY ingest_accounts.account_id`)
  const spans: Span[] = []
  for (const { account_id: accountId, seq } of rows) {
    spans.push({ accountId, after: seq, upTo: (await readWatermark(ports, accountId)).seq })
  }
  return spans
}

/** What a row's key is made of beside the account, and by which a deleted record is known. */
function keyOf(collection: Collection): string {
  if (collection.name === 'calls') return 'account_id, number'
  if (!collection.isPart) return 'account_id, id'
  return collection.key === 'callId' ? 'account_id, call_id' : 'account_id, call_id, id'
}

const deletedSince = `
          AND removed = 1
          AND seq > arrayElement({afters:Array(UInt64)}, indexOf({accountIds:Array(UInt32)}, account_id))
          AND seq <= arrayElement({upTos:Array(UInt64)}, indexOf({accountIds:Array(UInt32)}, account_id))`

/** A deleted record is never written again, so every version of it with content is an old one. */
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

/** Old versions of calls, on which a copy of a deleted evaluation or survey still stands. */
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

/** Cuts rows out of the parts of a table and waits until it is done. */
async function cutOut(ports: Ports, table: string, condition: string, spans: Span[]): Promise<void> {
  const parameters = {
    accountIds: spans.map((span) => span.accountId),
    afters: spans.map((span) => span.after),
    upTos: spans.map((span) => span.upTo),
  }
  // What one copy has merged away another may still hold.
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

/** Deletes the events of deleted calls that are told to the end; false when some still wait to be. */
async function purgeEvents(ports: Ports, { accountId, after, upTo }: Span): Promise<boolean> {
  for (let last = after; ;) {
    const rows = await ports.clickhouse.rows<{ id: string; seq: number }>(
      `SELECT id, seq
       FROM calls FINAL
       WHERE account_id = {accountId:UInt32}
         AND removed = 1
         AND seq > {last:UInt64}
         AND seq <= {upTo:UInt64}
       ORDER BY seq
       LIMIT {eventsAtOnce:UInt32}`,
      { accountId, last, upTo, eventsAtOnce },
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

async function closeSpan(ports: Ports, { accountId, upTo }: Span): Promise<void> {
  await ports.postgres.run(sql`
    INSERT INTO purged_deletions (account_id, seq)
    VALUES (${accountId}, ${upTo})
    ON CONFLICT (account_id) DO UPDATE
    SET seq = excluded.seq`)
}
