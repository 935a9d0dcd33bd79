import type { SumName } from './sums.ts'

/** A figure that can be asked for. */
export interface Metric {
  description: string
  unit: 'calls' | 'evaluations' | 'seconds' | 'points' | 'share'
  /** Decimals that it is rounded to, halves up. */
  decimals: number
  /** `sums`: made of sums, which the totals keep. `calls`: only from the calls themselves. */
  from: { sums: readonly SumName[] } | 'calls'
  /** ClickHouse expression over the sums, or aggregate over `calls`; NULL where there is nothing to say. */
  sql: string
}

/** Every metric by its name in requests and answers. A new one is one entry. */
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
  medianDurationSeconds: durationQuantile(1, 'Median of the durations, between two calls interpolated.'),
  p90DurationSeconds: durationQuantile(2, '90th percentile of the durations, between two calls interpolated.'),
  p95DurationSeconds: durationQuantile(3, '95th percentile of the durations, between two calls interpolated.'),
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
    'Calls that repeat one between the same endpoints in the 24 hours before their start.',
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
    from: 'calls',
    sql: 'maxIntersections(toUnixTimestamp64Milli(started_at), toUnixTimestamp64Milli(assumeNotNull(ended_at)))',
  },
} satisfies Record<string, Metric>

export type MetricName = keyof typeof metrics

export const metricNames = Object.keys(metrics).map(asMetricName)

/** The metrics of every published answer. */
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

/** The metric of that name, with what its kind may leave out. */
export function metricOf(name: MetricName): Metric {
  return metrics[name]
}

/** `Object.keys` forgets what the keys are. */
function asMetricName(key: string): MetricName {
  return key as MetricName
}

function count(sum: SumName, unit: 'calls' | 'evaluations', description: string): Metric {
  return { description, unit, decimals: 0, from: { sums: [sum] }, sql: sum }
}

function rate(part: SumName, whole: SumName, description: string): Metric {
  return quotient(part, whole, { per: 1, decimals: 4, unit: 'share', description })
}

/** One sum by another, never an average of averages. `per` is how many of the dividend's units make one of the metric's. */
function quotient(
  dividend: SumName,
  divisor: SumName,
  { per, decimals, ...about }: Pick<Metric, 'unit' | 'description' | 'decimals'> & { per: number },
): Metric {
  const scale = 10 ** decimals
  const times = scale >= per ? `* ${scale / per}` : `/ ${per / scale}`
  // Never by 0, also where the answer is NULL: the engine converts what lies under a NULL as well.
  const value = `floor(${dividend} ${times} / greatest(${divisor}, 1) + 0.5) / ${scale}`
  return {
    ...about,
    decimals,
    from: { sums: [dividend, divisor] },
    sql: `if(${divisor} = 0, NULL, ${value})`,
  }
}

/** All three are worked out at once, since the engine does the same aggregate only once. */
function durationQuantile(place: number, description: string): Metric {
  const quantiles = `quantilesExactInclusiveIf(0.5, 0.9, 0.95)(
      ifNull(duration_seconds, 0), duration_seconds IS NOT NULL
    )`
  const value = `${quantiles}[${place}]`
  return {
    description,
    unit: 'seconds',
    decimals: 1,
    from: 'calls',
    sql: `if(isNaN(${value}), NULL, floor(ifNotFinite(${value}, 0) * 10 + 0.5) / 10)`,
  }
}
