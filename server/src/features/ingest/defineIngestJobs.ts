import type { Ports } from '../../ports.ts'
import { deleteOldFaults } from './faultCounts.ts'

/** Schedules the deletion of expired fault counts. */
export function defineIngestJobs(ports: Ports): void {
  ports.jobs.every('ingest.forget-faults', 3600, () => deleteOldFaults(ports))
}
