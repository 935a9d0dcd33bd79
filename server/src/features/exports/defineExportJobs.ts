import type { Ports } from '../../ports.ts'
import { expireExports, sweepExports } from './expireExports.ts'
import { failExport } from './failExport.ts'
import { runExport } from './runExport.ts'

/** Defines the export job and schedules the cleanup of exports. */
export function defineExportJobs(ports: Ports): void {
  ports.jobs.define('export', {
    concurrency: ports.config.exportWorkers,
    maxAttempts: 3,
    run: (job) => runExport(ports, job),
    giveUp: (job, error) => failExport(ports, job, error),
  })
  ports.jobs.every('expire exports', 60, (signal) => expireExports(ports, signal))
  ports.jobs.every('sweep exports', 300, (signal) => sweepExports(ports, signal))
}
