import { setTimeout as wait } from 'node:timers/promises'
import type { Ports } from '../../ports.ts'
import { sql } from '../../store/postgres/postgres.ts'

const channel = 'earshot_flush_request'
const pauseMs = 20

/** Asks the other processes to insert an account's batches into ClickHouse now, and waits briefly. */
export async function requestFlush({ postgres }: Pick<Ports, 'postgres'>, accountId: number): Promise<void> {
  await postgres.run(sql`SELECT pg_notify(${channel}, ${String(accountId)})`)
  await wait(pauseMs)
}

/** Answers the flush requests of other processes until the returned function is called. */
export function onFlushRequest({
  postgres,
  recordLog,
}: Pick<Ports, 'postgres' | 'recordLog'>): Promise<() => Promise<void>> {
  return postgres.listen(channel, (accountId) => {
    // The requesting process checks the entries itself, and the inserter has logged the error.
    recordLog.flush(Number(accountId)).catch(() => {})
  })
}
