import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Config } from './config.ts'
import { hasAccounts, requireMasterKey } from './features/masterKey/requireMasterKey.ts'
import { refuseHalfMoved } from './features/migrateStore/refuseHalfMoved.ts'
import { ensureEmbeddedPostgres } from './store/postgres/embeddedPostgres.ts'
import { migratePostgres } from './store/migrate.ts'
import type { Control } from './ports.ts'
import { openPostgres, type ConnectionOptions } from './store/postgres/postgres.ts'
import { ensureMasterKey } from './store/secrets/masterKeys.ts'
import { openSecrets } from './store/secrets/secrets.ts'

/** The ports of control commands, with the connection settings of the control database. */
export type OpenedControl = Control & { connection: ConnectionOptions }

/**
 * Opens the control database, and starts the embedded one if it is not running; several processes may do so at once.
 * With `isKeyLost` a missing master key is created, and none needs to open what is stored.
 * This is a separate file, so that commands on accounts and keys never load the call data engine.
 */
export async function openControl(config: Config, log: Logger, { isKeyLost = false } = {}): Promise<OpenedControl> {
  mkdirSync(config.dataDirectory, { recursive: true, mode: 0o700 })
  const isEmbedded = config.databaseUrl === ''
  // Create the key before the database, so that a folder with a database always had a key, even after an interrupted
  // start.
  if (isEmbedded) ensureMasterKey(config, { isNew: isKeyLost || !hasEmbeddedDatabase(config) })
  const embedded = isEmbedded ? await ensureEmbeddedPostgres(config.dataDirectory, log) : undefined
  const connection = embedded?.options ?? { connectionString: config.databaseUrl }
  const postgres = await openPostgres(connection, { maxConnections: 16 })
  const close = async (): Promise<void> => {
    await postgres.close()
    await embedded?.stopIfUnused()
  }
  try {
    await migratePostgres(postgres)
    await refuseHalfMoved(postgres)
    if (!isEmbedded) ensureMasterKey(config, { isNew: isKeyLost || !(await hasAccounts(postgres)) })
    const secrets = openSecrets(config)
    if (!isKeyLost) await requireMasterKey(postgres, secrets)
    return { config, log, postgres, secrets, connection, now: Date.now, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** Whether the data folder contains an embedded database. */
export function hasEmbeddedDatabase({ dataDirectory }: Pick<Config, 'dataDirectory'>): boolean {
  return existsSync(join(dataDirectory, 'postgres', 'PG_VERSION'))
}
