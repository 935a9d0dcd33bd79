import { mkdir } from 'node:fs/promises'
import type { Logger } from 'pino'
import type { Config } from '../../config.ts'
import { AppError } from '../../errors.ts'
import { lockTarget, moverName, type TargetLock } from '../../store/targetLock.ts'
import type { ServerClickHouse } from '../../store/clickhouse/serverClickHouse.ts'
import type { Files } from '../../store/files/files.ts'
import { migratePostgres } from '../../store/migrate.ts'
import { openClickHouseServers } from '../../store/clickhouse/openClickHouse.ts'
import { openFiles } from '../../store/files/openFiles.ts'
import { openPostgres, type Postgres } from '../../store/postgres/postgres.ts'
import { openSecrets, type Secrets } from '../../store/secrets/secrets.ts'

/** The engines that a folder is moved into, at this version and in nobody else's use. */
export interface OpenedTarget {
  config: Config
  postgres: Postgres
  clickhouse: ServerClickHouse
  files: Files
  secrets: Secrets
  lock: Pick<TargetLock, 'refuseOthers'>
  close(): Promise<void>
}

/** Refuses settings of a target that name no servers. */
export function requireServers(config: Pick<Config, 'clickhouseUrls' | 'databaseUrl'>): void {
  if (config.clickhouseUrls.length > 0 && config.databaseUrl !== '') return
  throw new AppError(
    'BAD_REQUEST',
    'migrate-store moves into engines on servers; set EARSHOT_CLICKHOUSE_URL and EARSHOT_DATABASE_URL as the new server will have them.',
  )
}

/** Opens the target; `lost` is called when the hold on it breaks. Throws CONFLICT when another Earshot uses it. */
export async function openTarget(config: Config, log: Logger, lost: () => void): Promise<OpenedTarget> {
  requireServers(config)
  await mkdir(config.dataDirectory, { recursive: true, mode: 0o700 })
  const connection = { connectionString: config.databaseUrl }
  // How what is open is closed again, the last first: also when the rest cannot be opened.
  const closing: (() => Promise<void>)[] = []
  const close = async (): Promise<void> => {
    while (closing.length > 0) await closing.pop()?.()
  }
  try {
    const lock = await lockTarget(connection, lost)
    closing.push(() => lock.release())
    const postgres = await openPostgres(connection, { maxConnections: 4, applicationName: moverName })
    closing.push(() => postgres.close())
    await migratePostgres(postgres)
    const { clickhouse, migrate } = openClickHouseServers(config)
    closing.push(() => clickhouse.close())
    await migrate(postgres)
    const secrets = openSecrets(config)
    const files = await openFiles(config, secrets, log)
    return { config, postgres, clickhouse, files, secrets, lock, close }
  } catch (error) {
    await close()
    throw error
  }
}
