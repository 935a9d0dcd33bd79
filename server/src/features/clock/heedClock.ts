import { setTimeout as pause } from 'node:timers/promises'
import type { Ports } from '../../ports.ts'
import { messageOf } from '../../errors.ts'
import { sql, sqlScript, type Postgres } from '../../store/postgres/postgres.ts'

const lookEveryMs = 10_000
/** A smaller correction of the clock delays nothing that matters. */
const slackSeconds = 5

/** Columns with due times, expiry times and leases. Nothing else waits for a time of the database. */
export const waitedFor = [
  ['jobs', 'run_at'],
  ['jobs', 'lease_until'],
  ['periodic_work', 'next_at'],
  ['periodic_work', 'lease_until'],
  ['ingest_batches', 'created_at'],
  ['webhook_deliveries', 'next_at'],
  ['webhook_deliveries', 'lease_until'],
  ['recordings', 'check_at'],
] as const

/**
 * Detects that the system clock was set back, and moves due times that the wrong clock set by the same amount;
 * otherwise leases of dead processes, retries and schedules would stall. Returns the seconds by which it went back,
 * otherwise 0.
 */
export async function heedClock({ postgres, log }: Pick<Ports, 'postgres' | 'log'>): Promise<number> {
  const seconds = await moveBack(postgres)
  if (seconds > 0) log.warn({ seconds }, 'the clock went back; what waits for a later time was moved with it')
  return seconds
}

function moveBack(postgres: Postgres): Promise<number> {
  return postgres.transaction(async (tx) => {
    const seen = await tx.first<{ seconds: number }>(sql`
      SELECT extract(epoch FROM seen_at - now())::double precision AS seconds
      FROM clock
      FOR UPDATE`)
    const seconds = seen?.seconds ?? 0
    if (seconds > 0 && seconds <= slackSeconds) return 0
    await tx.run(sql`
      INSERT INTO clock (seen_at)
      VALUES (now())
      ON CONFLICT (is_only) DO UPDATE
      SET seen_at = excluded.seen_at`)
    if (seconds <= 0) return 0
    for (const [table, column] of waitedFor) {
      await tx.run(sql`
        UPDATE ${sqlScript(table)}
        SET ${sqlScript(column)} = ${sqlScript(column)} - ${seconds} * INTERVAL '1 second'
        WHERE ${sqlScript(column)} > now()`)
    }
    return seconds
  })
}

/** Checks the clock continuously in every process that runs jobs; a schedule would depend on the clock itself. */
export function defineClockWork(ports: Ports): void {
  ports.jobs.always('the watch of the clock', async (signal) => {
    while (!signal.aborted) {
      await pause(lookEveryMs, undefined, { signal }).catch(() => {})
      if (signal.aborted) return
      await heedClock(ports).catch((error: unknown) =>
        ports.log.warn({ reason: messageOf(error) }, 'the clock cannot be compared'),
      )
    }
  })
}
