import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Config } from './config.ts'
import { openControl, type Control, type OpenedControl } from './control.ts'
import { defineAnalyticsWork } from './features/analytics/defineAnalyticsWork.ts'
import { defineExportJobs } from './features/exports/defineExportJobs.ts'
import { defineFeedJobs } from './features/feed/defineFeedJobs.ts'
import { abandonedAfterMs, defineIngestJobs } from './features/ingest/defineIngestJobs.ts'
import { defineWebhookWork } from './features/webhooks/defineWebhookWork.ts'
import { openIngestQueue, type IngestQueue } from './features/ingest/queue.ts'
import { recoverBatches } from './features/ingest/turn.ts'
import { defineRecordingJobs } from './features/recordings/defineRecordingJobs.ts'
import { defineRetentionJobs } from './features/retention/defineRetentionJobs.ts'
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
  // How what is open is closed again, the last first: also when the rest cannot be opened.
  const closing: (() => Promise<void>)[] = [() => control.close()]
  const close = async (): Promise<void> => {
    while (closing.length > 0) await closing.pop()?.()
  }
  try {
    const app: App = { ...(await openStores(config, control, lost, closing)), close }
    defineWork(app)
    return app
  } catch (error) {
    await close()
    throw error
  }
}

async function openStores(
  config: Config,
  control: OpenedControl,
  lost: () => void,
  closing: (() => Promise<void>)[],
): Promise<Omit<App, 'close'>> {
  const isEmbedded = config.clickhouseUrl === '' || config.databaseUrl === ''
  if (isEmbedded) {
    const lock = await lockDataFolder(control.connection, { dataDirectory: config.dataDirectory, lost })
    closing.push(() => lock.release())
  }
  const clickhouse =
    config.clickhouseUrl === ''
      ? openEmbeddedClickHouse(join(config.dataDirectory, 'clickhouse'), config.clickhouseMemoryBytes)
      : openServerClickHouse(config.clickhouseUrl)
  closing.push(() => clickhouse.close())
  await migrateClickHouse(control.postgres, clickhouse)
  const files = await openDiskFiles(join(config.dataDirectory, 'files'), control.secrets)
  const jobs = openJobs(control.postgres, { log: control.log, now: control.now })
  const stores = { ...control, clickhouse, files, jobs }
  const ingest = openIngestQueue(stores)
  closing.push(() => ingest.drain())
  // Embedded, every open entry is a dead process's; beside others only the old ones are.
  await recoverBatches(stores, isEmbedded ? 0 : abandonedAfterMs)
  closing.push(() => jobs.stop())
  return { ...stores, ingest }
}

/** Everything that is done in the background. */
function defineWork(app: App): void {
  defineIngestJobs(app)
  defineExportJobs(app)
  defineAnalyticsWork(app)
  defineFeedJobs(app)
  defineRecordingJobs(app)
  defineRetentionJobs(app)
  defineWebhookWork(app)
}
