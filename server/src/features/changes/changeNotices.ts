import { randomUUID } from 'node:crypto'
import type { ChangeNotices, Control } from '../../ports.ts'
import { hasEmbeddedEngine } from '../../config.ts'
import { messageOf } from '../../errors.ts'
import { sql } from '../../store/postgres/postgres.ts'

const channel = 'earshot_changes'
// Each notification is a transaction of its own, so one notification names all accounts that changed within this
// interval.
const notificationIntervalMs = 50
// Interval for polling the counters: a process may die between a commit and its notice, and a listening connection may
// break.
const pollIntervalMs = 2000
/** Maximum accounts per notification: a NOTIFY payload must stay below 8,000 bytes. */
const maxAccounts = 500

/**
 * Opens change notices. Within the process a notice is a function call. Other processes receive a NOTIFY, which is sent
 * outside ingestion transactions because there it would serialize all commits. As a fallback, the counters of watched
 * accounts are polled every two seconds.
 */
export async function openChangeNotices(control: Pick<Control, 'config' | 'postgres' | 'log'>): Promise<ChangeNotices> {
  const watched = new Map<number, Set<() => void>>()
  const watchingAll = new Set<() => void>()
  const wake = (accountId: number): void => {
    for (const call of watchingAll) call()
    for (const call of watched.get(accountId) ?? []) call()
  }
  const notifications = hasEmbeddedEngine(control.config)
    ? undefined
    : await openNotifications(control, wake, () => {
        for (const call of watchingAll) call()
        for (const accountId of watched.keys()) wake(accountId)
      })
  const polling = createCounterPolling(control, watched, wake)
  return {
    announce(accountId) {
      wake(accountId)
      notifications?.announce(accountId)
    },
    watch(accountId, call) {
      const calls = watched.get(accountId) ?? new Set()
      watched.set(accountId, calls.add(call))
      polling.schedule()
      return () => {
        calls.delete(call)
        if (calls.size === 0 && watched.get(accountId) === calls) watched.delete(accountId)
      }
    },
    watchAll(call) {
      watchingAll.add(call)
      return () => void watchingAll.delete(call)
    },
    async close() {
      polling.close()
      await notifications?.close()
    },
  }
}

type Wake = (accountId: number) => void

async function openNotifications(
  { postgres, log }: Pick<Control, 'postgres' | 'log'>,
  wake: Wake,
  missed: () => void,
): Promise<Pick<ChangeNotices, 'announce' | 'close'>> {
  const process = randomUUID()
  const changed = new Set<number>()
  let isPausing = false
  const stop = await postgres.listen(
    channel,
    (payload) => {
      const [from, accounts = ''] = payload.split(':')
      if (from !== process) for (const accountId of accounts.split(',')) wake(Number(accountId))
    },
    missed,
  )

  function send(): void {
    const accounts = [...changed].slice(0, maxAccounts)
    for (const accountId of accounts) changed.delete(accountId)
    isPausing = accounts.length > 0
    if (!isPausing) return
    setTimeout(send, notificationIntervalMs).unref()
    postgres
      .run(sql`SELECT pg_notify(${channel}, ${`${process}:${accounts.join()}`})`)
      .catch((error: unknown) => log.warn({ reason: messageOf(error) }, 'NOTIFY of changes to other processes failed'))
  }

  return {
    announce(accountId) {
      changed.add(accountId)
      if (!isPausing) send()
    },
    close: stop,
  }
}

/** Polls the counters of the watched accounts, as long as there are any. */
function createCounterPolling(
  { postgres, log }: Pick<Control, 'postgres' | 'log'>,
  watched: ReadonlyMap<number, unknown>,
  wake: Wake,
): { schedule(): void; close(): void } {
  const seen = new Map<number, number>()
  let timer: NodeJS.Timeout | undefined

  async function poll(): Promise<void> {
    const rows = await postgres.query<{ account_id: number; last_seq: number }>(sql`
      SELECT account_id, last_seq
      FROM ingest_accounts
      WHERE account_id = ANY(${[...watched.keys()]}::integer[])`)
    for (const { account_id: accountId, last_seq: lastSeq } of rows) {
      if (seen.get(accountId) !== lastSeq) wake(accountId)
      seen.set(accountId, lastSeq)
    }
    for (const accountId of seen.keys()) if (!watched.has(accountId)) seen.delete(accountId)
  }

  function schedule(): void {
    if (timer || watched.size === 0) return
    const current = setTimeout(() => {
      poll()
        .catch((error: unknown) => log.debug({ reason: messageOf(error) }, 'polling for changes failed'))
        .finally(() => {
          if (timer !== current) return
          timer = undefined
          schedule()
        })
    }, pollIntervalMs).unref()
    timer = current
  }

  return {
    schedule,
    close: () => {
      clearTimeout(timer)
      timer = undefined
    },
  }
}
