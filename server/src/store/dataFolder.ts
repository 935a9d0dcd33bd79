import { setTimeout as pause } from 'node:timers/promises'
import type { Client } from 'pg'
import { AppError } from '../errors.ts'
import { newClient, type ConnectionOptions } from './postgres/postgres.ts'

/** The lock on a data folder; the process holds it until it releases the lock or dies. */
export interface DataFolderLock {
  release(): Promise<void>
}

/** "earshot" in ASCII, shortened to 31 bits. */
const folderLock = 0x65617273
/** The pause between two tries to reach the database. */
const retryMs = 100
const holderName = 'earshot data folder, pid '

/**
 * Makes this process the only one that serves the data folder, with an advisory lock in the folder's own database,
 * which releases it when the process dies. Waits for a holder that is being killed. Throws AppError CONFLICT with the
 * holder. When the connection of the lock breaks, because the database died or was stopped, the lock is acquired again.
 * `lost` is called when another process acquired it first; this process must stop then.
 */
export async function lockDataFolder(
  options: ConnectionOptions,
  { dataDirectory, lost, waitMs = 5_000 }: { dataDirectory: string; lost: () => void; waitMs?: number },
): Promise<DataFolderLock> {
  const releasing = new AbortController()
  let client = await take()
  let retaking: Promise<void> = Promise.resolve()
  watch()

  async function take(): Promise<Client> {
    const taker = newClient(options, `${holderName}${process.pid}`)
    try {
      await taker.connect()
      await waitForLock(taker, dataDirectory, waitMs)
      return taker
    } catch (error) {
      await taker.end().catch(() => {})
      throw error
    }
  }

  function watch(): void {
    client.once('end', () => {
      if (!releasing.signal.aborted) retaking = retake()
    })
  }

  async function retake(): Promise<void> {
    while (!releasing.signal.aborted) {
      try {
        client = await take()
        return watch()
      } catch (error) {
        if (error instanceof AppError) return lost()
        await pause(retryMs)
      }
    }
  }

  return {
    release: async () => {
      releasing.abort()
      await retaking
      await client.end().catch(() => {})
    },
  }
}

async function waitForLock(client: Client, dataDirectory: string, waitMs: number): Promise<void> {
  const deadline = performance.now() + waitMs
  for (;;) {
    const { rows } = await client.query<{ locked: boolean }>('SELECT pg_try_advisory_lock($1) AS locked', [folderLock])
    if (rows[0]?.locked) return
    if (performance.now() >= deadline) break
    await pause(100)
  }
  const holder = await findHolder(client)
  throw new AppError(
    'CONFLICT',
    `The data folder ${dataDirectory} is in use by another Earshot (pid ${holder}); stop that process, or choose another folder with EARSHOT_DATA_DIR.`,
  )
}

/** The holder's pid from the name of its connection, because PostgreSQL knows only the pids of its own processes. */
async function findHolder(client: Client): Promise<string> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT activity.application_name AS name
     FROM pg_locks AS locks
     JOIN pg_stat_activity AS activity USING (pid)
     WHERE locks.locktype = 'advisory'
       AND locks.granted
       AND locks.objid = $1
       AND locks.database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
    [folderLock],
  )
  return rows[0]?.name.replace(holderName, '') ?? 'unknown'
}
