import { difference, quotientOf, rounded, type Fraction } from './fraction.ts'
import { metricOf, type MetricName } from './metrics.ts'
import type { Figures } from './query.ts'

/** How much a figure moved: by how much, and as a share of what it was (null where it was nothing). */
export interface Change {
  absolute: number | null
  relative: number | null
}

const changeDecimals = 4

/** A figure as it is told: rounded, a count of nothing as 0. */
export function toldFigure(name: MetricName, figures: Figures): number | null {
  const figure = exactFigure(name, figures)
  return figure && rounded(figure, metricOf(name).decimals)
}

/** The change of every metric from `before` to `now`, of the exact figures; null where one of them is unknown. */
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
