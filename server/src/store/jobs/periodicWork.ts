import type { Logger } from 'pino'
import { messageOf } from '../../errors.ts'
import { sql, type Postgres } from '../postgres/postgres.ts'

type Work = (signal: AbortSignal) => Promise<void>

/** Work that runs at an interval, in one process at a time. */
export interface PeriodicWork {
  add(name: string, intervalSeconds: number, work: Work): void
  start(): void
  /** Aborts the running work and waits for it. */
  stop(): Promise<void>
}

/** How often a process checks its clock for due work, and the maximum time between two queries of the table. */
const lookMs = 1_000
const betweenReadingsMs = 10_000

/** A table row per name holds the next due time and a lease; the first process that claims the row does the work. */
export function createPeriodicWork(
  postgres: Postgres,
  options: {
    log: Pick<Logger, 'warn'>
    worker: string
    now: () => number
    times: { leaseMs: number; renewMs: number }
  },
): PeriodicWork {
  const { log, worker, now, times } = options
  const entries: { name: string; intervalSeconds: number; work: Work }[] = []
  const stopping = new AbortController()
  const running = new Map<string, Promise<void>>()
  /** The next due time by name from the last query of the table; work that is missing here may be due now. */
  let next = new Map<string, { at: number; dueAt: number }>()
  let readAt = Number.NEGATIVE_INFINITY
  let reading: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined

  async function isMine(name: string, intervalSeconds: number): Promise<boolean> {
    const lease = sql`now() + ${times.leaseMs} * INTERVAL '1 millisecond'`
    const claimed = await postgres.run(sql`
      INSERT INTO periodic_work AS mine (name, next_at, worker, lease_until)
      VALUES (${name}, now() + ${intervalSeconds} * INTERVAL '1 second', ${worker}, ${lease})
      ON CONFLICT (name) DO UPDATE
      SET next_at = excluded.next_at,
          worker = excluded.worker,
          lease_until = excluded.lease_until
      WHERE (mine.lease_until IS NULL OR mine.lease_until < now())
        AND (mine.next_at <= greatest(now(), ${new Date(now())}::timestamptz) OR mine.lease_until < now())`)
    return claimed > 0
  }

  async function renew(name: string, leaseEnds: { abort: AbortController }): Promise<void> {
    const renewed = await postgres.run(sql`
      UPDATE periodic_work
      SET lease_until = now() + ${times.leaseMs} * INTERVAL '1 millisecond'
      WHERE name = ${name}
        AND worker = ${worker}`)
    if (renewed === 0) leaseEnds.abort.abort(new Error('The lease of the work was lost.'))
  }

  async function release(name: string, intervalSeconds: number): Promise<void> {
    await postgres.run(sql`
      UPDATE periodic_work
      SET worker = NULL,
          lease_until = NULL,
          next_at = now() + ${intervalSeconds} * INTERVAL '1 second'
      WHERE name = ${name}
        AND worker = ${worker}`)
  }

  /** Does the work if it is due and no other process does it. */
  async function perform({ name, intervalSeconds, work }: (typeof entries)[number]): Promise<void> {
    if (!(await isMine(name, intervalSeconds))) return
    const abort = new AbortController()
    let lastRenewal = performance.now()
    const renewal = setInterval(() => {
      const asked = performance.now()
      if (asked - lastRenewal > times.leaseMs * 0.9) abort.abort(new Error('The lease of the work was lost.'))
      renew(name, { abort }).then(
        () => (lastRenewal = asked),
        (error: unknown) =>
          log.warn({ name, reason: messageOf(error) }, 'the lease of periodic work cannot be renewed'),
      )
    }, times.renewMs)
    try {
      await work(AbortSignal.any([abort.signal, stopping.signal]))
    } catch (error) {
      if (!stopping.signal.aborted) log.warn({ name, reason: messageOf(error) }, 'periodic work failed')
    } finally {
      clearInterval(renewal)
      await release(name, intervalSeconds)
    }
  }

  /** Whether the work is due by the clock of the database or by that of this process. */
  function isDue({ name }: { name: string }): boolean {
    const known = next.get(name)
    return !running.has(name) && (!known || known.dueAt <= performance.now() || known.at <= now())
  }

  /** Queries the table only when work is due by the last known times, and otherwise at a long interval. */
  async function look(): Promise<void> {
    if (performance.now() - readAt < betweenReadingsMs && !entries.some(isDue)) return
    const rows = await postgres.query<{ name: string; at: Date; in_ms: number }>(sql`
      SELECT
        name,
        coalesce(lease_until, next_at) AS at,
        extract(epoch FROM coalesce(lease_until, next_at) - now())::double precision * 1000 AS in_ms
      FROM periodic_work`)
    readAt = performance.now()
    next = new Map(rows.map(({ name, at, in_ms: inMs }) => [name, { at: at.getTime(), dueAt: readAt + inMs }]))
    for (const entry of entries.filter(isDue)) {
      const work = perform(entry)
        .catch((error: unknown) =>
          log.warn({ name: entry.name, reason: messageOf(error) }, 'periodic work cannot start'),
        )
        .finally(() => running.delete(entry.name))
      running.set(entry.name, work)
    }
  }

  function lookOnce(): void {
    reading ??= look()
      .catch((error: unknown) => log.warn({ reason: messageOf(error) }, 'periodic work cannot be looked for'))
      .finally(() => (reading = undefined))
  }

  return {
    add: (name, intervalSeconds, work) => void entries.push({ name, intervalSeconds, work }),
    start: () => {
      lookOnce()
      timer = setInterval(lookOnce, lookMs)
    },
    stop: async () => {
      clearInterval(timer)
      stopping.abort(new Error('The process stops.'))
      await reading
      await Promise.all(running.values())
    },
  }
}
