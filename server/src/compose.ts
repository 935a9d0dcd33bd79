import type { Logger } from 'pino'
import { bodyMemoryFor } from './bodyMemory.ts'
import { hasEmbeddedEngine, type Config } from './config.ts'
import { openControl, type OpenedControl } from './control.ts'
import { defineAnalyticsWork } from './features/analytics/defineAnalyticsWork.ts'
import { defineClockWork, heedClock } from './features/clock/heedClock.ts'
import { openChangeNotices } from './features/changes/changeNotices.ts'
import { defineExportJobs } from './features/exports/defineExportJobs.ts'
import { defineFeedJobs } from './features/feed/defineFeedJobs.ts'
import { defineFileJobs } from './features/files/defineFileJobs.ts'
import { defineIngestJobs } from './features/ingest/defineIngestJobs.ts'
import { defineRecordLogJobs } from './recordLog/defineRecordLogJobs.ts'
import { touchCallDays } from './features/analytics/touchCallDays.ts'
import { leavingRecordings } from './features/recordings/leavingRecordings.ts'
import { announceCallEvents } from './features/webhooks/announceCallEvents.ts'
import { defineWebhookWork } from './features/webhooks/defineWebhookWork.ts'
import { openFaultCounts } from './features/ingest/faultCounts.ts'
import { startRecordLog } from './recordLog/recordLog.ts'
import { defineRecordingJobs } from './features/recordings/defineRecordingJobs.ts'
import { defineRetentionJobs } from './features/retention/defineRetentionJobs.ts'
import type { Ports } from './ports.ts'
import { Metrics } from './metrics.ts'
import { lockDataFolder } from './store/dataFolder.ts'
import { openJobs } from './store/jobs/jobs.ts'
import { openClickHouse } from './store/clickhouse/openClickHouse.ts'
import { openFiles } from './store/files/openFiles.ts'

/**
 * Opens every store. Only one process may use an embedded engine: `lost` is called when another process has locked the
 * data folder, which is possible only after the control database died. `stop` ends a long opening and throws its
 * reason.
 */
export async function openPorts(config: Config, log: Logger, lost: () => void, stop?: AbortSignal): Promise<Ports> {
  const control = await openControl(config, log)
  // The functions that close what is open, in reverse order; also used when a later store cannot be opened.
  const closing: (() => Promise<void>)[] = [() => control.close()]
  const close = async (): Promise<void> => {
    while (closing.length > 0) await closing.pop()?.()
  }
  try {
    const ports: Ports = { ...(await openStores(config, control, { lost, stop, closing })), close }
    defineWork(ports)
    return ports
  } catch (error) {
    await close()
    throw error
  }
}

async function openStores(
  config: Config,
  control: OpenedControl,
  { lost, stop, closing }: { lost: () => void; stop: AbortSignal | undefined; closing: (() => Promise<void>)[] },
): Promise<Omit<Ports, 'close'>> {
  const isEmbedded = hasEmbeddedEngine(config)
  if (isEmbedded) {
    const lock = await lockDataFolder(control.connection, { dataDirectory: config.dataDirectory, lost })
    closing.push(() => lock.release())
  }
  await heedClock(control)
  const { clickhouse, migrate } = await openClickHouse(config)
  closing.push(() => clickhouse.close())
  await migrate(control.postgres)
  const files = await openFiles(config, control.secrets, control.log)
  const metrics = new Metrics()
  closing.push(async () => metrics.close())
  const jobs = openJobs(control.postgres, {
    log: control.log,
    now: control.now,
    ended: (kind, result) => metrics.jobRuns.add({ kind, result }),
  })
  const notices = await openChangeNotices(control)
  closing.push(() => notices.close())
  const commitAdditions = [announceCallEvents, leavingRecordings, touchCallDays]
  const stores = { ...control, clickhouse, files, jobs, metrics, notices, commitAdditions }
  const faults = openFaultCounts(stores)
  closing.push(() => faults.flush())
  const { recordLog, close: closeRecordLog } = await startRecordLog(stores, stop)
  closing.push(closeRecordLog)
  closing.push(() => jobs.stop())
  return { ...stores, recordLog, faults, bodyMemory: bodyMemoryFor(config.ingestMaxBytes) }
}

/** Defines all background work. */
function defineWork(ports: Ports): void {
  defineRecordLogJobs(ports)
  defineIngestJobs(ports)
  defineExportJobs(ports)
  defineAnalyticsWork(ports)
  defineClockWork(ports)
  defineFeedJobs(ports)
  defineFileJobs(ports)
  defineRecordingJobs(ports)
  defineRetentionJobs(ports)
  defineWebhookWork(ports)
}
