import type { App } from '../../app.ts'
import { expireExports, sweepExports } from './expireExports.ts'
import { failExport } from './failExport.ts'
import { runExport } from './runExport.ts'

/** Says how exports are made, and cleans up after them. */
export function defineExportJobs(app: App): void {
  app.jobs.define('export', {
    concurrency: app.config.exportWorkers,
    maxAttempts: 3,
    run: (job) => runExport(app, job),
    giveUp: (job, error) => failExport(app, job, error),
  })
  app.jobs.every('expire exports', 60, (signal) => expireExports(app, signal))
  app.jobs.every('sweep exports', 300, (signal) => sweepExports(app, signal))
}
