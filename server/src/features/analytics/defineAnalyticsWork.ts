import type { Ports } from '../../ports.ts'
import { rebuildDayTotals } from './rebuildDayTotals.ts'
import { sweepTotals } from './sweepTotals.ts'

/** Schedules the calculation of totals and the deletion of obsolete ones. */
export function defineAnalyticsWork(ports: Ports): void {
  const lastLook = new Map<number, number>()
  const leftovers = new Set<string>()
  ports.jobs.every('analytics.settle', 5, (signal) => rebuildDayTotals(ports, lastLook, signal))
  ports.jobs.every('analytics.sweep', 600, (signal) => sweepTotals(ports, leftovers, signal))
}
