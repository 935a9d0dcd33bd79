import { isOfWholeDays, periodBefore } from '../../domain/period.ts'
import { daysAsked, instantsAsked, type AskedPeriod } from './askedPeriod.ts'
import { metricOf, type MetricName } from './metrics.ts'
import type { Values } from './query.ts'

/** How much a figure moved: by how much, and as a share of what it was (null where it was nothing). */
export interface Change {
  absolute: number | null
  relative: number | null
}

/** The period of the same length right before. */
export function previousOf({ period }: AskedPeriod): AskedPeriod {
  const before = periodBefore(period)
  return isOfWholeDays(before) ? daysAsked(before.firstDay, before.lastDay, before.zone) : instantsAsked(before)
}

/** The change of every metric from `before` to `now`; null where one of them is unknown. */
export function changesOf(metrics: readonly MetricName[], now: Values, before: Values): Record<string, Change> {
  return Object.fromEntries(metrics.map((name) => [name, changeOf(name, now[name] ?? null, before[name] ?? null)]))
}

function changeOf(name: MetricName, now: number | null, before: number | null): Change {
  if (now === null || before === null) return { absolute: null, relative: null }
  return {
    absolute: rounded(now - before, metricOf(name).decimals),
    relative: before === 0 ? null : rounded((now - before) / before, 4),
  }
}

function rounded(value: number, decimals: number): number {
  return Math.floor(value * 10 ** decimals + 0.5) / 10 ** decimals
}
