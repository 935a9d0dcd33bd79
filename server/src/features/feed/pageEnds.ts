import { createHash } from 'node:crypto'
import type { Ports } from '../../ports.ts'
import type { Context } from '../../context.ts'
import { sql } from '../../store/postgres/postgres.ts'
import type { FeedRequest } from './feedRequest.ts'

const keptMs = 24 * 3_600_000
/**
 * A traversal whose last request is this recent counts as active, so a second one with the same key and query does not
 * delete its positions.
 */
const activeMs = 60_000

/** The end of a page, and how many calls had been counted by then. */
export interface PageEnd {
  page: number
  position: readonly number[]
  total: number
  /** `total` counts the calls up to this number. */
  countedTo: number
}

/**
 * A traversal of the feed: a key and its whole query except the page. Callers without a key have none, because their
 * positions are not stored.
 */
export interface Traversal {
  keyId: string
  queryHash: Buffer
}

export function traversalOf({ actor }: Context, request: FeedRequest): Traversal | undefined {
  if (actor.kind !== 'key') return undefined
  const { page: _, ...query } = request
  return { keyId: actor.keyId, queryHash: createHash('sha256').update(JSON.stringify(query)).digest() }
}

/** Reads the stored end of the nearest page before `page`. */
export async function readPageEnd(ports: Ports, traversal: Traversal, page: number): Promise<PageEnd | undefined> {
  const row = await ports.postgres.first<{ page: number; place: number[]; total: number; counted_to: number }>(sql`
    SELECT page, place, total, counted_to
    FROM feed_pages
    WHERE key_id = ${traversal.keyId}
      AND query_hash = ${traversal.queryHash}
      AND page < ${page}
      AND at > ${new Date(ports.now() - keptMs)}
    ORDER BY page DESC
    LIMIT 1`)
  return row && { page: row.page, position: row.place, total: row.total, countedTo: row.counted_to }
}

/**
 * Stores the end of a page before the page is sent. It deletes the later pages of an earlier traversal, unless that one
 * may still be active. A newer request overwrites an older one, so a client that repeats a request without an answer
 * continues from the second.
 */
export async function storePageEnd(ports: Ports, traversal: Traversal, end: PageEnd, requestedAt: Date): Promise<void> {
  await ports.postgres.query(sql`
    WITH later AS (
      DELETE FROM feed_pages
      WHERE key_id = ${traversal.keyId}
        AND query_hash = ${traversal.queryHash}
        AND page > ${end.page}
        AND at <= ${new Date(requestedAt.getTime() - activeMs)}
    )
    INSERT INTO feed_pages (key_id, query_hash, page, place, total, counted_to, at)
    VALUES (
      ${traversal.keyId},
      ${traversal.queryHash},
      ${end.page},
      ${[...end.position]},
      ${end.total},
      ${end.countedTo},
      ${requestedAt}
    )
    ON CONFLICT (key_id, query_hash, page) DO UPDATE
    SET place = excluded.place,
        total = excluded.total,
        counted_to = excluded.counted_to,
        at = excluded.at
    WHERE feed_pages.at <= excluded.at`)
}

/** Deletes positions that are older than a day. */
export async function deleteOldPages(ports: Ports): Promise<void> {
  await ports.postgres.run(sql`
    DELETE FROM feed_pages
    WHERE at <= ${new Date(ports.now() - keptMs)}`)
}
