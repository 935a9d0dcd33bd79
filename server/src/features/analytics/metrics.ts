import { millisecondsExpression } from '../../domain/wholeUnits.ts'
import type { SumName } from './sums.ts'

/** A metric that requests can name. */
export interface Metric {
  description: string
  unit: 'calls' | 'evaluations' | 'seconds' | 'points' | 'share'
  /** Decimals to which it is rounded, halves up. */
  decimals: number
  /**
   * `sums`: calculated from sums, which the totals store. `overCalls`: a ClickHouse aggregate over the calls
   * themselves.
   */
  from: { sums: readonly SumName[] } | { overCalls: string }
  /**
   * The exact value as a fraction: integer ClickHouse expressions over the sums, or over the aggregate, whose name is
   * `own_` and the metric's name. A divisor of 0 means no value.
   */
  dividend: string
  divisor: string
}

type About = Pick<Metric, 'description' | 'unit' | 'decimals'>

/** All metrics by their name in requests and answers. A new metric is one entry. */
export const metrics = {
  totalCalls: count('calls', 'calls', 'Calls of the period.'),
  totalEvaluations: count('evaluations', 'evaluations', 'Evaluation records of these calls, of any status.'),
  completedEvaluations: count('completed_evaluations', 'evaluations', 'Evaluations whose status is evaluated.'),
  averageScore: quotient('score_millionths', 'scored_evaluations', {
    per: 1_000_000,
    decimals: 1,
    unit: 'points',
    description: 'Sum of the scores of completed evaluations, by those that have one.',
  }),
  sentimentPositive: count('positive_evaluations', 'evaluations', 'Completed evaluations with a positive sentiment.'),
  sentimentNeutral: count('neutral_evaluations', 'evaluations', 'Completed evaluations with a neutral sentiment.'),
  sentimentNegative: count('negative_evaluations', 'evaluations', 'Completed evaluations with a negative sentiment.'),
  averageDurationSeconds: quotient('duration_milliseconds', 'timed_calls', {
    per: 1000,
    decimals: 0,
    unit: 'seconds',
    description: 'Sum of the durations of the calls, by those that have one.',
  }),
  medianDurationSeconds: durationPercentile(
    'medianDurationSeconds',
    50,
    'Median of the durations, between two calls interpolated.',
  ),
  p90DurationSeconds: durationPercentile(
    'p90DurationSeconds',
    90,
    '90th percentile of the durations, between two calls interpolated.',
  ),
  p95DurationSeconds: durationPercentile(
    'p95DurationSeconds',
    95,
    '95th percentile of the durations, between two calls interpolated.',
  ),
  escalationRate: rate('escalated_calls', 'calls', 'Calls that went to a human, by all.'),
  resolutionRate: rate('resolved_calls', 'known_resolutions', 'Resolved calls, by those of which that is known.'),
  abandonmentRate: rate('abandoned_calls', 'calls', 'Calls with the status abandoned, by all.'),
  transferRate: rate(
    'transferred_calls',
    'calls',
    'Calls that were transferred (a transfer function or destination, or the outcome transferred), by all.',
  ),
  authenticationRate: rate('authenticated_calls', 'calls', 'Calls whose customer was authenticated, by all.'),
  repeatCalls: count(
    'repeat_calls',
    'calls',
    'Calls whose external endpoint had called in the 24 hours before their start.',
  ),
  repeatCallRate: rate('repeat_calls', 'calls', 'Repeat calls, by all.'),
  surveyResponseRate: rate(
    'answered_surveys',
    'surveys',
    'Surveys that are completed or partly answered, by calls with a survey.',
  ),
  surveyAverageScore: quotient('survey_score_millionths', 'scored_surveys', {
    per: 1_000_000,
    decimals: 1,
    unit: 'points',
    description: 'Sum of the scores of the surveys, by those that have one.',
  }),
  surveyCompletionRate: rate(
    'completed_surveys',
    'answered_surveys',
    'Completed surveys, by those that were answered.',
  ),
  peakConcurrentCalls: {
    description:
      'Most calls of the period that were under way at the same instant, from their start to before their end.',
    unit: 'calls',
    decimals: 0,
    from: {
      overCalls:
        'toInt64(maxIntersections(toUnixTimestamp64Milli(started_at), toUnixTimestamp64Milli(assumeNotNull(ended_at))))',
    },
    dividend: 'own_peakConcurrentCalls',
    divisor: 'toInt64(1)',
  },
} satisfies Record<string, Metric>

export type MetricName = keyof typeof metrics

export const metricNames = Object.keys(metrics).map(asMetricName)

/** The metrics that every published answer has. */
export const plainMetrics = [
  'totalCalls',
  'totalEvaluations',
  'completedEvaluations',
  'averageScore',
  'sentimentPositive',
  'sentimentNeutral',
  'sentimentNegative',
  'averageDurationSeconds',
  'escalationRate',
  'resolutionRate',
] as const satisfies readonly MetricName[]

/** Returns the metric of that name, with defaults for the optional properties. */
export function metricOf(name: MetricName): Metric {
  return metrics[name]
}

/** `Object.keys` loses the type of the keys. */
function asMetricName(key: string): MetricName {
  return key as MetricName
}

function count(sum: SumName, unit: 'calls' | 'evaluations', description: string): Metric {
  return { description, unit, decimals: 0, from: { sums: [sum] }, dividend: sum, divisor: 'toInt64(1)' }
}

function rate(part: SumName, whole: SumName, description: string): Metric {
  return quotient(part, whole, { per: 1, decimals: 4, unit: 'share', description })
}

/**
 * Divides one sum by another and never averages averages. `per` is how many units of the dividend make one unit of the
 * metric.
 */
function quotient(dividend: SumName, divisor: SumName, { per, ...about }: About & { per: number }): Metric {
  return { ...about, from: { sums: [dividend, divisor] }, dividend, divisor: `${divisor} * ${per}` }
}

/**
 * The duration below which `percent` of the calls lie, interpolated between two calls, in hundredths of milliseconds.
 * The engine's own quantiles use binary fractions, which cannot represent 2.85 s.
 */
function durationPercentile(name: string, percent: number, description: string): Metric {
  const durations = `arraySort(groupArrayIf(
        ${millisecondsExpression('assumeNotNull(duration_seconds)')},
        duration_seconds IS NOT NULL
      ))`
  const place = `${percent} * (toInt64(length(${durations})) - 1)`
  const [below, above] = [1, 2].map((next) => `${durations}[intDiv(${place}, 100) + ${next}]`)
  const pair = `(
      100 * ${below} + (${place}) % 100 * (${above} - ${below}),
      toInt64(if(empty(${durations}), 0, 100 * 1000))
    )`
  return {
    description,
    unit: 'seconds',
    decimals: 1,
    from: { overCalls: pair },
    dividend: `own_${name}.1`,
    divisor: `own_${name}.2`,
  }
}
