import { createHash } from 'node:crypto'
import type { Ports } from '../../ports.ts'
import type { Context } from '../../context.ts'
import { sql } from '../../store/postgres/postgres.ts'
import type { FeedRequest } from './feedRequest.ts'

const keptMs = 24 * 3_600_000
/** A run that asked so lately may go on, beside another one of the same key and query. */
const livingMs = 60_000

/** Where a page ended, and how many calls had been counted by then. */
export interface PageEnd {
  page: number
  place: readonly number[]
  total: number
  /** Calls up to this number are counted in `total`. */
  countedTo: number
}

/** Whose run it is: a key and everything it asked for but the page. Undefined for the program itself, which keeps none. */
export interface Run {
  keyId: string
  queryHash: Buffer
}

export function runOf({ actor }: Context, request: FeedRequest): Run | undefined {
  if (actor.kind !== 'key') return undefined
  const { page: _, ...query } = request
  return { keyId: actor.keyId, queryHash: createHash('sha256').update(JSON.stringify(query)).digest() }
}

/** The nearest page before `page` whose end is remembered. */
export async function recallPage(ports: Ports, run: Run, page: number): Promise<PageEnd | undefined> {
  const row = await ports.postgres.first<{ page: number; place: number[]; total: number; counted_to: number }>(sql`
    SELECT page, place, total, counted_to
    FROM feed_pages
    WHERE key_id = ${run.keyId}
      AND query_hash = ${run.queryHash}
      AND page < ${page}
      AND at > ${new Date(ports.now() - keptMs)}
    ORDER BY page DESC
    LIMIT 1`)
  return row && { page: row.page, place: row.place, total: row.total, countedTo: row.counted_to }
}

/**
 * Remembers where a page ended, before it is given out. Pages after it begin anew: page 1 begins a whole run anew, unless
 * the earlier one may still go on. What was asked for later stands: who asked twice, as the first answer did not come, goes
 * on from the second one.
 */
export async function rememberPage(ports: Ports, run: Run, end: PageEnd, askedAt: Date): Promise<void> {
  await ports.postgres.query(sql`
    WITH later AS (
      DELETE FROM feed_pages
      WHERE key_id = ${run.keyId}
        AND query_hash = ${run.queryHash}
        AND page > ${end.page}
        AND at <= ${new Date(askedAt.getTime() - livingMs)}
    )
    INSERT INTO feed_pages (key_id, query_hash, page, place, total, counted_to, at)
    VALUES (
      ${run.keyId},
      ${run.queryHash},
      ${end.page},
      ${[...end.place]},
      ${end.total},
      ${end.countedTo},
      ${askedAt}
    )
    ON CONFLICT (key_id, query_hash, page) DO UPDATE
    SET place = excluded.place,
        total = excluded.total,
        counted_to = excluded.counted_to,
        at = excluded.at
    WHERE feed_pages.at <= excluded.at`)
}

/** Forgets what is older than a day. */
export async function forgetPages(ports: Ports): Promise<void> {
  await ports.postgres.run(sql`
    DELETE FROM feed_pages
    WHERE at <= ${new Date(ports.now() - keptMs)}`)
}
