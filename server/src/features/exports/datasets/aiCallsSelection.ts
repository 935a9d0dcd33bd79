import type { Period } from '../../../domain/period.ts'
import type { Parameters } from '../../../store/clickhouse/clickhouse.ts'
import { filterBy, type CallFilters } from './callFilters.ts'
import { takenInOrder, type Bounds, type Statement } from './dataset.ts'

/**
 * The newest ended calls of a period, with what their file needs. The newest are found by few columns; the others are read for those rows alone.
 */
export function selectAiCalls(
  { accountId, watermark, rowLimit }: Bounds,
  period: Period,
  filters: CallFilters,
): Statement {
  const { conditions, parameters: values } = filterBy(filters)
  const chosen = `
      FROM calls FINAL
      WHERE account_id = {accountId:UInt32}
        AND number <= {lastNumber:UInt64}
        AND removed = 0
        AND status != 'active'
        AND ended_at >= fromUnixTimestamp64Milli({fromMs:Int64}, 'UTC')
        AND ended_at < fromUnixTimestamp64Milli({toMs:Int64}, 'UTC')
        ${conditions.join('\n        ')}`
  const parameters: Parameters = {
    accountId,
    lastNumber: watermark.number,
    rowLimit,
    fromMs: period.fromMs,
    toMs: period.toMs,
    ...values,
  }
  return { query: selectWith(chosen), parameters }
}

function selectWith(chosen: string): string {
  return `
    WITH
      -- A repeated question counts once, and its last answer stands.
      arrayReverse(newest.survey_responses) AS latest_first,
      arrayFilter(
        (response, occurrence) -> occurrence = 1,
        latest_first,
        arrayEnumerateUniq(arrayMap(response -> response.question, latest_first))
      ) AS responses
    SELECT
      newest.number AS number,
      assumeNotNull(newest.ended_at) AS ended_at,
      newest.id AS id,
      newest.external_endpoint AS external_endpoint,
      newest.identity AS identity,
      newest.flow_version AS flow_version,
      newest.outcome AS outcome,
      newest.duration_seconds AS duration_seconds,
      newest.transfer_function AS transfer_function,
      ifNull(newest.evaluation_status, 'notEvaluated') AS evaluation_status,
      newest.evaluation_score AS evaluation_score,
      newest.evaluation_confidence AS evaluation_confidence,
      arrayStringConcat(
        arrayFilter(
          part -> part != '',
          [
            ifNull(newest.evaluation_category, ''),
            ifNull(newest.evaluation_reason, ''),
            ifNull(newest.evaluation_sub_reason, '')
          ]
        ),
        ' → '
      ) AS classification,
      if(campaign.name = '', newest.campaign_id, campaign.name) AS campaign_name,
      newest.has_survey AS has_survey,
      ifNull(newest.survey_state, '') AS survey_state,
      newest.survey_completion_reason AS survey_completion_reason,
      newest.survey_score AS survey_score,
      -- Thousands of calls answer the same few questions.
      CAST(arrayMap(response -> response.question, responses), 'Array(LowCardinality(String))') AS questions,
      arrayMap(response -> ifNull(response.answer, ''), responses) AS answers,
      toInt64(arrayCount(answer -> answer != '', answers)) AS answered_questions,
      -- Never fewer than were answered, whatever was sent.
      greatest(answered_questions, ifNull(newest.survey_total_questions, toInt64(length(questions)))) AS total_questions,
      newest.total_rows AS total_rows
    FROM (
      SELECT
        *,
        (SELECT count() ${chosen}) AS total_rows
      ${chosen}
      ORDER BY calls.ended_at DESC, calls.number DESC
      LIMIT {rowLimit:UInt64}
    ) AS newest
    LEFT JOIN (
      SELECT id, name
      FROM campaigns FINAL
      WHERE account_id = {accountId:UInt32}
        AND removed = 0
    ) AS campaign ON campaign.id = newest.campaign_id
    ORDER BY newest.ended_at DESC, newest.number DESC
    SETTINGS ${takenInOrder}`
}
