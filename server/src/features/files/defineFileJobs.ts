import type { Ports } from '../../ports.ts'

/** Schedules the deletion of incomplete files. */
export function defineFileJobs(ports: Ports): void {
  ports.jobs.every('sweep unfinished files', 3600, () => ports.files.sweep())
}
