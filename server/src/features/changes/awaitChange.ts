import type { Ports } from '../../ports.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { createAlarm } from './alarm.ts'

/**
 * Waits until the account's sequence exceeds `seq`; returns false when the deadline (as of `performance.now()`) or the
 * signal comes first. Between two queries of the counter no connection is held; a change notice triggers the next
 * query.
 */
export async function awaitChange(
  ports: Ports,
  accountId: number,
  seq: number,
  { deadline, signal }: { deadline: number; signal: AbortSignal },
): Promise<boolean> {
  const alarm = createAlarm()
  const unwatch = ports.notices.watch(accountId, alarm.ring)
  try {
    for (;;) {
      const leftMs = deadline - performance.now()
      if (leftMs <= 0 || signal.aborted) return false
      const row = await ports.postgres.first<{ seq: number }>(sql`
        SELECT last_seq AS seq
        FROM ingest_accounts
        WHERE account_id = ${accountId}`)
      if (row && row.seq > seq) return true
      await alarm.wait(leftMs, signal)
    }
  } finally {
    unwatch()
  }
}
