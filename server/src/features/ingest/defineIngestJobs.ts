import type { Ports } from '../../ports.ts'
import { forgetFaults } from './faultCounts.ts'

/** Forgets the counted faults of long ago. */
export function defineIngestJobs(ports: Ports): void {
  ports.jobs.every('ingest.forget-faults', 3600, () => forgetFaults(ports))
}
