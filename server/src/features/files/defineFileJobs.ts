import type { App } from '../../app.ts'

/** Clears away what was left of files whose writing broke off. */
export function defineFileJobs(app: App): void {
  app.jobs.every('sweep unfinished files', 3600, () => app.files.sweep())
}
