import { difference, quotientOf, rounded, type Fraction } from './fraction.ts'
import { metricOf, type MetricName } from './metrics.ts'
import type { Figures } from './query.ts'

/** The change of a value: absolute, and relative to the earlier value (null if that was 0). */
export interface Change {
  absolute: number | null
  relative: number | null
}

const changeDecimals = 4

/** Rounds a value for an answer; a missing count is 0. */
export function toldFigure(name: MetricName, figures: Figures): number | null {
  const figure = exactFigure(name, figures)
  return figure && rounded(figure, metricOf(name).decimals)
}

/** Returns the change of every metric from `before` to `now`, from exact values; null if one is unknown. */
export function changesOf(metrics: readonly MetricName[], now: Figures, before: Figures): Record<string, Change> {
  return Object.fromEntries(metrics.map((name) => [name, changeOf(exactFigure(name, now), exactFigure(name, before))]))
}

function exactFigure(name: MetricName, figures: Figures): Fraction | null {
  const { unit } = metricOf(name)
  const nothing = unit === 'calls' || unit === 'evaluations' ? { dividend: 0n, divisor: 1n } : null
  return figures[name] ?? nothing
}

function changeOf(now: Fraction | null, before: Fraction | null): Change {
  if (now === null || before === null) return { absolute: null, relative: null }
  const moved = difference(now, before)
  const share = quotientOf(moved, before)
  return {
    absolute: rounded(moved, changeDecimals),
    relative: share === undefined ? null : rounded(share, changeDecimals),
  }
}
