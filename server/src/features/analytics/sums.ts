import { millisecondsExpression, wholeUnitsExpression } from '../../domain/wholeUnits.ts'

/** A sum over calls; integers only, so that the order of addition does not matter. */
export interface Sum {
  /** ClickHouse aggregate over `calls`, an Int64. The tables of totals have a column with the sum's name. */
  overCalls: string
}

const isEvaluated = "evaluation_status = 'evaluated'"
// Larger values are implausible and would overflow the sums. It is a fraction, because the engine then compares equal
// types.
const maxPoints = '1e9'

/** Whether a survey was answered: the customer started it or, if that is not recorded, answered a question. */
const isAnswered = `has_survey AND if(
    ifNull(survey_state, '') = '',
    arrayExists(
      (response, occurrence) -> occurrence = 1 AND ifNull(response.answer, '') != '',
      arrayReverse(survey_responses),
      arrayEnumerateUniq(arrayMap(response -> response.question, arrayReverse(survey_responses)))
    ),
    survey_state IN ('Completed', 'Partial')
  )`

/** All sums. The names are the columns of the tables of totals. */
export const sums = {
  calls: { overCalls: 'toInt64(count())' },
  evaluations: countOf('has_evaluation'),
  completed_evaluations: countOf(isEvaluated),
  score_millionths: sumOf(millionths('evaluation_score'), 'evaluation_score', isEvaluated),
  scored_evaluations: countOf(`${isEvaluated} AND evaluation_score IS NOT NULL`),
  positive_evaluations: countOf(`${isEvaluated} AND evaluation_sentiment = 'positive'`),
  neutral_evaluations: countOf(`${isEvaluated} AND evaluation_sentiment = 'neutral'`),
  negative_evaluations: countOf(`${isEvaluated} AND evaluation_sentiment = 'negative'`),
  duration_milliseconds: sumOf(millisecondsExpression('assumeNotNull(duration_seconds)'), 'duration_seconds'),
  timed_calls: countOf('duration_seconds IS NOT NULL'),
  escalated_calls: countOf('escalated'),
  resolved_calls: countOf('resolved'),
  known_resolutions: countOf('resolved IS NOT NULL'),
  abandoned_calls: countOf("status = 'abandoned'"),
  transferred_calls: countOf(
    "outcome = 'transferred' OR ifNull(transfer_function, '') != '' OR ifNull(transfer_destination, '') != ''",
  ),
  authenticated_calls: countOf('authenticated'),
  repeat_calls: countOf('daily_repeat_calls > 0'),
  surveys: countOf('has_survey'),
  answered_surveys: countOf(isAnswered),
  completed_surveys: countOf("has_survey AND survey_state = 'Completed'"),
  survey_score_millionths: sumOf(millionths('survey_score'), 'survey_score'),
  scored_surveys: countOf('survey_score IS NOT NULL'),
} satisfies Record<string, Sum>

export type SumName = keyof typeof sums

/** The sums in the order of the columns. */
export const sumNames = Object.keys(sums).map(asSumName)

/** `Object.keys` loses the type of the keys. */
function asSumName(key: string): SumName {
  return key as SumName
}

function countOf(condition: string): Sum {
  return { overCalls: `toInt64(countIf(${condition}))` }
}

/** Sums integers; absent values add nothing. */
function sumOf(value: string, column: string, where = '1'): Sum {
  return { overCalls: `toInt64(ifNull(sumIf(${value}, ${where} AND ${column} IS NOT NULL), 0))` }
}

/** Sums scores in millionths; finer digits are ignored. */
function millionths(column: string): string {
  return wholeUnitsExpression(`greatest(-${maxPoints}, least(${maxPoints}, assumeNotNull(${column})))`, 1_000_000)
}
