import type { App } from '../../app.ts'
import { syncHoldFlags } from '../holds/syncHoldFlag.ts'
import { purgeDeleted } from './purgeDeleted.ts'
import { queueRetention, retentionJob, runRetention } from './queueRetention.ts'

/** Work that keeps no more than accounts want kept, and no less than is held. */
export function defineRetentionJobs(app: App): void {
  app.jobs.every('settle legal holds', 60, () => syncHoldFlags(app))
  app.jobs.every('queue retention', 3600, (signal) => queueRetention(app, signal))
  app.jobs.define(retentionJob, {
    // A small account does not wait for a large one.
    concurrency: 2,
    maxAttempts: 5,
    run: (job) => runRetention(app, job),
    // The next hour begins anew, where this one ended.
    giveUp: async () => {},
  })
  app.jobs.every('purge deleted', 12 * 3600, (signal) => purgeDeleted(app, signal))
}
