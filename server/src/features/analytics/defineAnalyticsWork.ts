import type { App } from '../../app.ts'
import { rebuildDayTotals } from './rebuildDayTotals.ts'
import { sweepTotals } from './sweepTotals.ts'

/** Work beside the requests: working totals out, and removing those that do not count. */
export function defineAnalyticsWork(app: App): void {
  const lastLook = new Map<number, number>()
  const leftovers = new Set<string>()
  app.jobs.every('analytics.settle', 5, (signal) => rebuildDayTotals(app, lastLook, signal))
  app.jobs.every('analytics.sweep', 600, (signal) => sweepTotals(app, leftovers, signal))
}
