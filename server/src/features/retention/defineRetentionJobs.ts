import type { Ports } from '../../ports.ts'
import { syncHoldFlags } from '../holds/syncHoldFlag.ts'
import { purgeDeleted } from './purgeDeleted.ts'
import { queueRetention, retentionJob, runRetention } from './queueRetention.ts'

/** Work that keeps no more than accounts want kept, and no less than is held. */
export function defineRetentionJobs(ports: Ports): void {
  ports.jobs.every('settle legal holds', 60, () => syncHoldFlags(ports))
  ports.jobs.every('queue retention', 3600, (signal) => queueRetention(ports, signal))
  ports.jobs.define(retentionJob, {
    // A small account does not wait for a large one.
    concurrency: 2,
    maxAttempts: 5,
    run: (job) => runRetention(ports, job),
    // The next hour begins anew, where this one ended.
    giveUp: async () => {},
  })
  ports.jobs.every('purge deleted', 12 * 3600, (signal) => purgeDeleted(ports, signal))
}
