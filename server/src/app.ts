import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Config } from './config.ts'
import { openIngestQueue, type IngestQueue } from './features/ingest/queue.ts'
import { recoverBatches } from './features/ingest/turn.ts'
import { openEmbeddedClickHouse } from './store/clickhouseEmbedded.ts'
import { openServerClickHouse } from './store/clickhouseServer.ts'
import type { ClickHouse } from './store/clickhouse.ts'
import { lockDataFolder } from './store/dataFolder.ts'
import { ensureEmbeddedPostgres } from './store/embeddedPostgres.ts'
import { openDiskFiles, type Files } from './store/files.ts'
import { openJobs, type Jobs } from './store/jobs.ts'
import { migrateClickHouse, migratePostgres } from './store/migrate.ts'
import { openPostgres, type ConnectionOptions, type Postgres } from './store/postgres.ts'
import { openSecrets, type Secrets } from './store/secrets.ts'

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

/** Everything that is opened once. */
export interface App extends Control {
  clickhouse: ClickHouse
  files: Files
  jobs: Jobs
  ingest: IngestQueue
}

/** Opens the control database, starting the embedded one if nobody has; two processes at once may do so. */
export async function openControl(config: Config, log: Logger): Promise<Control & { connection: ConnectionOptions }> {
  mkdirSync(config.dataDirectory, { recursive: true, mode: 0o700 })
  const secrets = openSecrets(config)
  const embedded = config.databaseUrl === '' ? await ensureEmbeddedPostgres(config.dataDirectory, log) : undefined
  const connection = embedded?.options ?? { connectionString: config.databaseUrl }
  const postgres = await openPostgres(connection, { maxConnections: 16 })
  await migratePostgres(postgres)
  return {
    config,
    log,
    postgres,
    secrets,
    connection,
    now: Date.now,
    async close() {
      await postgres.close()
      await embedded?.stopIfUnused()
    },
  }
}

/**
 * Opens every store. An embedded engine belongs to one process: `lost` is called when another takes the data folder,
 * which can only happen once the control database has died.
 */
export async function openApp(config: Config, log: Logger, lost: () => void): Promise<App> {
  const control = await openControl(config, log)
  const isEmbedded = config.clickhouseUrl === '' || config.databaseUrl === ''
  const lock = isEmbedded
    ? await lockDataFolder(control.connection, { dataDirectory: config.dataDirectory, lost }).catch(async (error: unknown) => {
        await control.close()
        throw error
      })
    : undefined
  const clickhouse =
    config.clickhouseUrl === ''
      ? openEmbeddedClickHouse(join(config.dataDirectory, 'clickhouse'), config.clickhouseMemoryBytes)
      : openServerClickHouse(config.clickhouseUrl)
  await migrateClickHouse(control.postgres, clickhouse)
  const files = await openDiskFiles(join(config.dataDirectory, 'files'), control.secrets)
  const jobs = openJobs(control.postgres, { log, now: control.now })
  const stores = { ...control, clickhouse, files, jobs }
  const ingest = openIngestQueue(stores)
  await recoverBatches(stores)
  return {
    ...stores,
    ingest,
    async close() {
      await jobs.stop()
      await ingest.drain()
      await clickhouse.close()
      await lock?.release()
      await control.close()
    },
  }
}
