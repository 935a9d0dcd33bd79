import { mkdirSync } from 'node:fs'
import type { Logger } from 'pino'
import type { Config } from './config.ts'
import { refuseHalfMoved } from './features/migrateStore/refuseHalfMoved.ts'
import { ensureEmbeddedPostgres } from './store/postgres/embeddedPostgres.ts'
import { migratePostgres } from './store/migrate.ts'
import { openPostgres, type ConnectionOptions, type Postgres } from './store/postgres/postgres.ts'
import { openSecrets, type Secrets } from './store/secrets/secrets.ts'

/** What control commands need: the control database, the secrets, the settings, the log, the clock. */
export interface Control {
  config: Config
  log: Logger
  postgres: Postgres
  secrets: Secrets
  /** Milliseconds since 1970; tests move it. */
  now: () => number
  close(): Promise<void>
}

/** The same with the place of its database. */
export type OpenedControl = Control & { connection: ConnectionOptions }

/**
 * Opens the control database, starting the embedded one if nobody has; two processes at once may do so.
 * A file of its own, so that commands on accounts and keys never load the engine of the call data.
 */
export async function openControl(config: Config, log: Logger): Promise<OpenedControl> {
  mkdirSync(config.dataDirectory, { recursive: true, mode: 0o700 })
  const secrets = openSecrets(config)
  const embedded = config.databaseUrl === '' ? await ensureEmbeddedPostgres(config.dataDirectory, log) : undefined
  const connection = embedded?.options ?? { connectionString: config.databaseUrl }
  const postgres = await openPostgres(connection, { maxConnections: 16 })
  const close = async (): Promise<void> => {
    await postgres.close()
    await embedded?.stopIfUnused()
  }
  try {
    await migratePostgres(postgres)
    await refuseHalfMoved(postgres)
  } catch (error) {
    await close()
    throw error
  }
  return { config, log, postgres, secrets, connection, now: Date.now, close }
}
