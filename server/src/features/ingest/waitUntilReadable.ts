import { setTimeout as wait } from 'node:timers/promises'
import type { App } from '../../app.ts'
import { AppError } from '../../errors.ts'
import { sql } from '../../store/postgres.ts'

const patienceMs = 30_000

/**
 * To be awaited before reading an account: resolves when everything acknowledged before, by any process, can be read.
 * An acknowledgement only says that records are durable; a reader must find them all the same.
 */
export async function waitUntilReadable(app: App, accountId: number): Promise<void> {
  const isAlone = app.config.clickhouseUrl === '' || app.config.databaseUrl === ''
  const readable = isAlone ? app.ingest.flush(accountId) : waitForEntries(app, accountId)
  const late = Symbol('late')
  const timer = new AbortController()
  const first = await Promise.race([readable, wait(patienceMs, late, { signal: timer.signal }).catch(() => undefined)])
  timer.abort()
  if (first !== late) return
  throw new AppError('UNAVAILABLE', 'The call data store does not take the records that were sent; try again later.', {
    retryAfterSeconds: 30,
  })
}

/** Other processes' batches count too: waits until no entry is open that was there at the start. */
async function waitForEntries(app: App, accountId: number): Promise<void> {
  const row = await app.postgres.first<{ batch: number }>(sql`
    SELECT last_batch AS batch
    FROM ingest_accounts
    WHERE account_id = ${accountId}`)
  if (!row) return
  await app.ingest.flush(accountId)
  for (;;) {
    const open = await app.postgres.first(sql`
      SELECT batch
      FROM ingest_batches
      WHERE account_id = ${accountId}
        AND batch <= ${row.batch}
      LIMIT 1`)
    if (!open) return
    await wait(10)
  }
}
