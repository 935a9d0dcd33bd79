import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Config } from './config.ts'
import { openControl, type Control } from './control.ts'
import { defineExportJobs } from './features/exports/defineExportJobs.ts'
import { abandonedAfterMs, defineIngestJobs } from './features/ingest/defineIngestJobs.ts'
import { openIngestQueue, type IngestQueue } from './features/ingest/queue.ts'
import { recoverBatches } from './features/ingest/turn.ts'
import { openEmbeddedClickHouse } from './store/clickhouseEmbedded.ts'
import { openServerClickHouse } from './store/clickhouseServer.ts'
import type { ClickHouse } from './store/clickhouse.ts'
import { lockDataFolder } from './store/dataFolder.ts'
import { openDiskFiles, type Files } from './store/files.ts'
import { openJobs, type Jobs } from './store/jobs.ts'
import { migrateClickHouse } from './store/migrate.ts'

/** Everything that is opened once. */
export interface App extends Control {
  clickhouse: ClickHouse
  files: Files
  jobs: Jobs
  ingest: IngestQueue
}

/**
 * Opens every store. An embedded engine belongs to one process: `lost` is called when another takes the data folder,
 * which can only happen once the control database has died.
 */
export async function openApp(config: Config, log: Logger, lost: () => void): Promise<App> {
  const control = await openControl(config, log)
  const isEmbedded = config.clickhouseUrl === '' || config.databaseUrl === ''
  const lock = isEmbedded
    ? await lockDataFolder(control.connection, { dataDirectory: config.dataDirectory, lost }).catch(
        async (error: unknown) => {
          await control.close()
          throw error
        },
      )
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
  // Embedded, every open entry is a dead process's; beside others only the old ones are.
  await recoverBatches(stores, isEmbedded ? 0 : abandonedAfterMs)
  const app: App = {
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
  defineIngestJobs(app)
  defineExportJobs(app)
  return app
}
