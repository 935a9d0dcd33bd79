import { statfs } from 'node:fs/promises'
import { requireScope, type Context } from '../../context.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { countDaysBehind } from '../analytics/countDaysBehind.ts'
import { countJobs } from './countJobs.ts'
import { readEngines } from './readEngines.ts'

type Engines = Awaited<ReturnType<typeof readEngines>>

/** The state of the server and the caller's account. Seconds are the age of the oldest waiting item, 0 without one. */
export interface Health {
  engines: Engines
  uptimeSeconds: number
  memoryBytes: number
  disk: { freeBytes: number; totalBytes: number; keptFreeBytes: number }
  /** Batches that are acknowledged and not yet known to be readable. */
  ingestion: { openBatches: number; oldestSeconds: number }
  /** Days of all accounts whose totals are behind. */
  totalsDaysBehind: number
  jobs: JobsOfKind[]
  exports: { failed: number }
  webhooks: { pending: number; oldestDueSeconds: number; failed: number; endpointsDisabled: number }
}

interface JobsOfKind {
  kind: string
  waiting: number
  running: number
  /** Of both, those of which a try has failed. */
  failing: number
  oldestWaitingSeconds: number
}

/** How long failures are reported. */
const failuresCountMs = 86_400_000

/** The state of the server, and of what waits or failed in the caller's account. */
export async function showHealth(context: Context): Promise<Health> {
  requireScope(context, 'admin')
  const { ports } = context
  const [engines, disk, ingestion, totalsDaysBehind, jobs, exports, webhooks] = await Promise.all([
    readEngines(ports),
    diskOf(context),
    ingestionOf(context),
    countDaysBehind(ports),
    jobsOf(context),
    failedExports(context),
    webhooksOf(context),
  ])
  const uptimeSeconds = Math.floor(process.uptime())
  const memoryBytes = process.memoryUsage.rss()
  return { engines, uptimeSeconds, memoryBytes, disk, ingestion, totalsDaysBehind, jobs, exports, webhooks }
}

async function diskOf({ ports }: Context): Promise<Health['disk']> {
  const { bavail, blocks, bsize } = await statfs(ports.config.dataDirectory)
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize, keptFreeBytes: ports.config.minimumFreeBytes }
}

async function ingestionOf({ ports, accountId }: Context): Promise<Health['ingestion']> {
  const row = await ports.postgres.first<{ count: number; oldest: Date | null }>(sql`
    SELECT count(*) AS count, min(created_at) AS oldest
    FROM ingest_batches
    WHERE account_id = ${accountId}`)
  return { openBatches: row?.count ?? 0, oldestSeconds: secondsSince(row?.oldest, ports.now()) }
}

async function jobsOf({ ports, accountId }: Context): Promise<JobsOfKind[]> {
  const rows = await countJobs(ports, accountId)
  return rows.map(({ oldest, ...job }) => ({ ...job, oldestWaitingSeconds: secondsSince(oldest, ports.now()) }))
}

async function failedExports({ ports, accountId }: Context): Promise<Health['exports']> {
  const row = await ports.postgres.first<{ failed: number }>(sql`
    SELECT count(*) AS failed
    FROM exports
    WHERE account_id = ${accountId}
      AND status = 'failed'
      AND created_at > ${new Date(ports.now() - failuresCountMs)}`)
  return { failed: row?.failed ?? 0 }
}

async function webhooksOf({ ports, accountId }: Context): Promise<Health['webhooks']> {
  const [deliveries, endpoints] = await Promise.all([
    ports.postgres.first<{ pending: number; failed: number; oldest: Date | null }>(sql`
      SELECT
        count(*) FILTER (WHERE delivery.status = 'pending' AND endpoint.is_active) AS pending,
        count(*) FILTER (WHERE delivery.status = 'failed') AS failed,
        min(delivery.next_at) FILTER (WHERE delivery.status = 'pending' AND endpoint.is_active) AS oldest
      FROM webhook_deliveries AS delivery
      JOIN webhook_endpoints AS endpoint ON endpoint.id = delivery.endpoint_id
      WHERE delivery.account_id = ${accountId}
        AND endpoint.deleted_at IS NULL
        AND (delivery.status = 'pending' OR delivery.finished_at > ${new Date(ports.now() - failuresCountMs)})`),
    ports.postgres.first<{ disabled: number }>(sql`
      SELECT count(*) AS disabled
      FROM webhook_endpoints
      WHERE account_id = ${accountId}
        AND deleted_at IS NULL
        AND NOT is_active`),
  ])
  return {
    pending: deliveries?.pending ?? 0,
    oldestDueSeconds: secondsSince(deliveries?.oldest, ports.now()),
    failed: deliveries?.failed ?? 0,
    endpointsDisabled: endpoints?.disabled ?? 0,
  }
}

/** Whole seconds since an instant; 0 when it is still to come, or is not there. */
function secondsSince(instant: Date | null | undefined, nowMs: number): number {
  return instant ? Math.max(0, Math.floor((nowMs - instant.getTime()) / 1000)) : 0
}
