import { randomUUID } from 'node:crypto'
import type { ChangeNotices, Control } from '../../ports.ts'
import { hasEmbeddedEngine } from '../../config.ts'
import { messageOf } from '../../errors.ts'
import { sql } from '../../store/postgres/postgres.ts'

const channel = 'earshot_changes'
// A notification is a commit of its own: one tells of all accounts that changed in this time.
const betweenNotificationsMs = 50
// A process may die between a commit and its notice, and a listening connection may break.
const betweenLooksMs = 2000
/** A payload is below 8,000 bytes. */
const maxAccounts = 500

/**
 * In the process a plain call. Between processes a NOTIFY outside of any transaction of ingestion, where it would make all
 * commits wait for one another. Below both lies a look at the accounts' counters every two seconds.
 */
export async function openChangeNotices(control: Pick<Control, 'config' | 'postgres' | 'log'>): Promise<ChangeNotices> {
  const watched = new Map<number, Set<() => void>>()
  const watchingAll = new Set<() => void>()
  const wake = (accountId: number): void => {
    for (const call of watchingAll) call()
    for (const call of watched.get(accountId) ?? []) call()
  }
  const others = hasEmbeddedEngine(control.config)
    ? undefined
    : await openNotifications(control, wake, () => {
        for (const call of watchingAll) call()
        for (const accountId of watched.keys()) wake(accountId)
      })
  const net = createNet(control, watched, wake)
  return {
    announce(accountId) {
      wake(accountId)
      others?.announce(accountId)
    },
    watch(accountId, call) {
      const calls = watched.get(accountId) ?? new Set()
      watched.set(accountId, calls.add(call))
      net.hold()
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
      net.close()
      await others?.close()
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
    setTimeout(send, betweenNotificationsMs).unref()
    postgres
      .run(sql`SELECT pg_notify(${channel}, ${`${process}:${accounts.join()}`})`)
      .catch((error: unknown) => log.warn({ reason: messageOf(error) }, 'other processes not told of changes'))
  }

  return {
    announce(accountId) {
      changed.add(accountId)
      if (!isPausing) send()
    },
    close: stop,
  }
}

/** Looks at the counters of the accounts that are watched, as long as there are any. */
function createNet(
  { postgres, log }: Pick<Control, 'postgres' | 'log'>,
  watched: ReadonlyMap<number, unknown>,
  wake: Wake,
): { hold(): void; close(): void } {
  const seen = new Map<number, number>()
  let timer: NodeJS.Timeout | undefined

  async function look(): Promise<void> {
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

  function hold(): void {
    if (timer || watched.size === 0) return
    const current = setTimeout(() => {
      look()
        .catch((error: unknown) => log.debug({ reason: messageOf(error) }, 'changes not looked for'))
        .finally(() => {
          if (timer !== current) return
          timer = undefined
          hold()
        })
    }, betweenLooksMs).unref()
    timer = current
  }

  return {
    hold,
    close: () => {
      clearTimeout(timer)
      timer = undefined
    },
  }
}
