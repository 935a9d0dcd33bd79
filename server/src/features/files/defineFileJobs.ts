import type { Ports } from '../../ports.ts'

/** Clears away what was left of files whose writing broke off. */
export function defineFileJobs(ports: Ports): void {
  ports.jobs.every('sweep unfinished files', 3600, () => ports.files.sweep())
}
