import { setTimeout as wait } from 'node:timers/promises'
import type { Ports } from '../../ports.ts'
import { sql } from '../../store/postgres/postgres.ts'

const channel = 'earshot_flush_request'
const pauseMs = 20

/** Asks the other processes to bring an account's batches into ClickHouse now, and waits a moment for them. */
export async function requestFlush({ postgres }: Pick<Ports, 'postgres'>, accountId: number): Promise<void> {
  await postgres.run(sql`SELECT pg_notify(${channel}, ${String(accountId)})`)
  await wait(pauseMs)
}

/** Does what other processes ask for, until the function that it gives is called. */
export function onFlushRequest({
  postgres,
  recordLog,
}: Pick<Ports, 'postgres' | 'recordLog'>): Promise<() => Promise<void>> {
  return postgres.listen(channel, (accountId) => {
    // Who asked looks for itself whether it was done, and a store that is away was logged.
    recordLog.flush(Number(accountId)).catch(() => {})
  })
}
