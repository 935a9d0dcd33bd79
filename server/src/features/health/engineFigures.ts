import type { Ports } from '../../ports.ts'
import type { Figure, Labels } from '../../metrics.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { countDaysBehind } from '../analytics/countDaysBehind.ts'
import { listBlockedFeeds } from '../feed/listBlockedFeeds.ts'
import { readBacklog } from '../webhooks/backlog.ts'
import { countJobs } from './countJobs.ts'

const dayMs = 86_400_000
/** Blocked feeds that are told of one by one: those that wait the longest. */
const maxBlockedFeeds = 100

/** What waits, over all accounts: from PostgreSQL, one statement after the other, so that they take one connection. */
export async function readControlFigures(ports: Ports): Promise<Figure[]> {
  return [
    ...(await readOpenEntries(ports)),
    ...(await readJobs(ports)),
    ...(await readExports(ports)),
    ...(await readDeliveries(ports)),
    ...(await readBlockedFeeds(ports)),
    gauge('earshot_analytics_totals_behind', 'Days whose totals have to be worked out.', await countDaysBehind(ports)),
  ]
}

async function readOpenEntries({ postgres, now }: Ports): Promise<Figure[]> {
  const row = await postgres.first<{ count: number; oldest: Date | null }>(sql`
    SELECT count(*) AS count, min(created_at) AS oldest
    FROM ingest_batches`)
  return [
    gauge('earshot_ingest_open_entries', 'Batches that are durable and not yet known to be readable.', row?.count ?? 0),
    gauge(
      'earshot_ingest_oldest_open_entry_seconds',
      'Age of the oldest batch that cannot be read yet; 0 when there is none.',
      secondsSince(row?.oldest, now()),
    ),
  ]
}

async function readJobs(ports: Ports): Promise<Figure[]> {
  const rows = await countJobs(ports)
  const counted = (state: 'waiting' | 'running' | 'failing') =>
    rows.map((row) => ({ labels: { kind: row.kind, state }, value: row[state] }))
  return [
    {
      name: 'earshot_jobs',
      help: 'Jobs that wait or run; failing counts those of both that failed before.',
      kind: 'gauge',
      samples: [...counted('waiting'), ...counted('running'), ...counted('failing')],
    },
    {
      name: 'earshot_jobs_oldest_waiting_seconds',
      help: 'How long the job that is due the longest has waited.',
      kind: 'gauge',
      samples: rows.map(({ kind, oldest }) => ({ labels: { kind }, value: secondsSince(oldest, ports.now()) })),
    },
  ]
}

async function readExports({ postgres, now }: Ports): Promise<Figure[]> {
  const rows = await postgres.query<{ surface: string; status: string; count: number }>(sql`
    SELECT surface, status, count(*) AS count
    FROM exports
    WHERE created_at > ${new Date(now() - dayMs)}
    GROUP BY surface, status
    ORDER BY surface, status`)
  const samples = rows.map(({ surface, status, count }) => ({ labels: { surface, status }, value: count }))
  return [{ name: 'earshot_exports', help: 'Exports that were started in the last 24 hours.', kind: 'gauge', samples }]
}

async function readDeliveries(ports: Ports): Promise<Figure[]> {
  const { pending, oldestDueSeconds } = await readBacklog(ports)
  return [
    gauge('earshot_webhook_deliveries_pending', 'Webhook deliveries still to be made, counted up to 100000.', pending),
    gauge(
      'earshot_webhook_oldest_due_seconds',
      'How long the webhook delivery that is due the longest has waited.',
      oldestDueSeconds,
    ),
  ]
}

async function readBlockedFeeds(ports: Ports): Promise<Figure[]> {
  const feeds = (await listBlockedFeeds(ports)).toSorted((left, right) => right.seconds - left.seconds)
  return [
    gauge('earshot_feed_blocked_accounts', 'Accounts whose call feed is kept waiting.', feeds.length),
    {
      name: 'earshot_feed_blocked_seconds',
      help: 'For how long the call that keeps an account from going on in the call feed has not changed; the 100 longest.',
      kind: 'gauge',
      samples: feeds.slice(0, maxBlockedFeeds).map(({ accountId, number, seconds }) => ({
        labels: { account: String(accountId), call: String(number) },
        value: seconds,
      })),
    },
  ]
}

/** A figure of one value. */
export function gauge(name: string, help: string, value: number, labels: Labels = {}): Figure {
  return { name, help, kind: 'gauge', samples: [{ labels, value }] }
}

/** Seconds since an instant; 0 when it is still to come, or is not there. */
function secondsSince(instant: Date | null | undefined, nowMs: number): number {
  return instant ? Math.max(0, (nowMs - instant.getTime()) / 1000) : 0
}
