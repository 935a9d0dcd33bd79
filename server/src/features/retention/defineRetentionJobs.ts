import type { App } from '../../app.ts'
import { settleHolds } from '../holds/settleHold.ts'
import { applyRetention } from './applyRetention.ts'
import { purgeDeleted } from './purgeDeleted.ts'

/** Work that keeps no more than accounts want kept, and no less than is held. */
export function defineRetentionJobs(app: App): void {
  app.jobs.every('settle legal holds', 60, () => settleHolds(app))
  app.jobs.every('apply retention', 3600, (signal) => applyRetention(app, signal))
  app.jobs.every('purge deleted', 12 * 3600, (signal) => purgeDeleted(app, signal))
}
