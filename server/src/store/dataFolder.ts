import { setTimeout as pause } from 'node:timers/promises'
import type { Client } from 'pg'
import { AppError } from '../errors.ts'
import { newClient, type ConnectionOptions } from './postgres/postgres.ts'

/** The lock of a data folder, held until it is released or the process dies. */
export interface DataFolderLock {
  release(): Promise<void>
}

/** "earshot" in ASCII, shortened to 31 bits. */
const folderLock = 0x65617273
/** Between tries to reach a database that is away. */
const retryMs = 100
const holderName = 'earshot data folder, pid '

/**
 * Makes this process the only one that serves the data folder: a lock of the folder's own database, which the
 * database releases when the process dies. A holder that is just being killed is waited for. Throws AppError CONFLICT
 * that names the holder. When the connection that holds the lock breaks, because the database died or was stopped, the
 * lock is taken again; `lost` is called when another process was quicker: this one must stop then.
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
    const { rows } = await client.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1) AS taken', [folderLock])
    if (rows[0]?.taken) return
    if (performance.now() >= deadline) break
    await pause(100)
  }
  const holder = await findHolder(client)
  throw new AppError(
    'CONFLICT',
    `The data folder ${dataDirectory} is in use by another Earshot (pid ${holder}); stop that process, or choose another folder with EARSHOT_DATA_DIR.`,
  )
}

/** The pid that the holder put into its connection's name; PostgreSQL itself only knows its own processes. */
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
