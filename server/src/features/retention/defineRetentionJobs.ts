import type { Ports } from '../../ports.ts'
import { syncHoldFlags } from '../holds/syncHoldFlag.ts'
import { purgeDeleted } from './purgeDeleted.ts'
import { queueRetention, retentionJob, runRetention } from './queueRetention.ts'

/** Defines the retention job and schedules retention and purging. */
export function defineRetentionJobs(ports: Ports): void {
  ports.jobs.every('settle legal holds', 60, () => syncHoldFlags(ports))
  ports.jobs.every('queue retention', 3600, (signal) => queueRetention(ports, signal))
  ports.jobs.define(retentionJob, {
    // A job per account, so that small accounts do not wait for large ones.
    concurrency: 2,
    maxAttempts: 5,
    run: (job) => runRetention(ports, job),
    // The next run continues where this one ended.
    giveUp: async () => {},
  })
  ports.jobs.every('purge deleted', 12 * 3600, (signal) => purgeDeleted(ports, signal))
}
