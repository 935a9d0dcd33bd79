import type { App } from '../../app.ts'
import { forgetFaults } from './faultCounts.ts'

/** Forgets the counted faults of long ago. */
export function defineIngestJobs(app: App): void {
  app.jobs.every('ingest.forget-faults', 3600, () => forgetFaults(app))
}
