import { setTimeout as pause } from 'node:timers/promises'
import type { Client } from 'pg'
import { AppError, messageOf } from '../errors.ts'
import { newClient, type ConnectionOptions } from './postgres/postgres.ts'

/** "move" in ASCII. */
const moveLock = 0x6d6f7665
const waitMs = 5_000

/** The application name of all connections of a move. */
export const moverName = `earshot migrate-store, pid ${process.pid}`

/** The lock that allows only one move into a database. */
export interface TargetLock {
  /** Throws CONFLICT when an Earshot process has connected to the database since. */
  refuseOthers(): Promise<void>
  release(): Promise<void>
}

/**
 * Makes this process the only one that moves data into a database that no Earshot process uses. Waits for connections
 * that are closing. Throws CONFLICT when there are others, UNAVAILABLE when there is no database. `lost` is called when
 * the connection of the lock breaks.
 */
export async function lockTarget(options: ConnectionOptions, lost: () => void): Promise<TargetLock> {
  const client = newClient(options, moverName)
  let isHeld = false
  client.once('end', () => {
    if (isHeld) lost()
  })
  try {
    await client.connect().catch((error: unknown) => {
      throw new AppError(
        'UNAVAILABLE',
        `PostgreSQL cannot be reached: ${messageOf(error)}. Check that it runs and that EARSHOT_DATABASE_URL names it.`,
        { cause: error },
      )
    })
    await waitForLock(client)
  } catch (error) {
    await client.end().catch(() => {})
    throw error
  }
  isHeld = true
  return {
    refuseOthers: () => waitForLock(client),
    async release() {
      isHeld = false
      await client.end().catch(() => {})
    },
  }
}

async function waitForLock(client: Client): Promise<void> {
  const deadline = performance.now() + waitMs
  for (;;) {
    const users = await findUsers(client)
    if (users.length === 0) return
    if (performance.now() >= deadline) {
      throw new AppError(
        'CONFLICT',
        `The database that EARSHOT_DATABASE_URL names is in use by another Earshot (${users.join('; ')}); stop it first.`,
      )
    }
    await pause(100)
  }
}

/** The application names of other connections; acquires the lock when there are none. */
async function findUsers(client: Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT DISTINCT application_name AS name
     FROM pg_stat_activity
     WHERE datname = current_database()
       AND application_name LIKE 'earshot%'
       AND application_name <> $1
     ORDER BY name`,
    [moverName],
  )
  if (rows.length > 0) return rows.map((row) => row.name)
  // The session that holds the lock can acquire it again.
  const answer = await client.query<{ locked: boolean }>('SELECT pg_try_advisory_lock($1) AS locked', [moveLock])
  return answer.rows[0]?.locked ? [] : ['earshot migrate-store']
}
