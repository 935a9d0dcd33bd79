import { callsOfBase, engagementsByCall, namedIndex, placeAt } from './engagementBase.ts'
import { windowDataset, type SelectedColumn } from './machineDataset.ts'
import { inWindow } from './window.ts'

/** The columns that are fields of the review, with their names in the store. */
const fields: readonly [column: SelectedColumn, stored: string][] = [
  [{ name: 'turn_pid', type: 'id', description: 'The turn reviewed.' }, 'turn_id'],
  [{ name: 'reviewer_pid', type: 'id', description: 'Who reviewed.' }, 'reviewer_id'],
  [{ name: 'reviewer_name', type: 'text', description: "The reviewer's name." }, 'reviewer_name'],
  [{ name: 'question_pid', type: 'id', description: "The question's id." }, 'question_id'],
  [{ name: 'question_name', type: 'text', description: 'The question.' }, 'question_name'],
  [{ name: 'review_time', type: 'instant', description: 'When it was answered.' }, 'reviewed_at'],
  [{ name: 'review_session_id', type: 'id', description: 'The session that it belongs to.' }, 'review_session_id'],
  [{ name: 'status', type: 'text', description: 'Its status.' }, 'status'],
  [{ name: 'sampling', type: 'text', description: 'How it was sampled.' }, 'sampling'],
  [{ name: 'type', type: 'text', description: 'Its type.' }, 'type'],
  [{ name: 'kind', type: 'text', description: 'Its kind.' }, 'kind'],
  [{ name: 'answer_pid', type: 'id', description: "The answer's id." }, 'answer_id'],
  [{ name: 'answer_name', type: 'text', description: 'The answer.' }, 'answer_name'],
  [{ name: 'answer_reason_pid', type: 'id', description: "The id of the answer's reason." }, 'answer_reason_id'],
  [{ name: 'answer_reason', type: 'text', description: "The answer's reason." }, 'answer_reason'],
  [{ name: 'confidence', type: 'number', description: 'Its confidence.' }, 'confidence'],
  [{ name: 'score', type: 'number', description: 'Its score.' }, 'score'],
  [{ name: 'answer_score', type: 'number', description: "The answer's score." }, 'answer_score'],
  [{ name: 'worst_score', type: 'number', description: 'The worst score possible.' }, 'worst_score'],
  [{ name: 'best_score', type: 'number', description: 'The best score possible.' }, 'best_score'],
  [{ name: 'comment', type: 'text', description: "The reviewer's comment." }, 'comment'],
  [{ name: 'comment_translated', type: 'text', description: 'The comment, translated.' }, 'comment_translated'],
  [{ name: 'comment_language', type: 'text', description: 'Its language.' }, 'comment_language'],
  [
    { name: 'comment_translated_language', type: 'text', description: 'The language of comment_translated.' },
    'comment_translated_language',
  ],
  [{ name: 'verified', type: 'boolean', description: 'Whether it was verified.' }, 'verified'],
  [{ name: 'verified_by', type: 'text', description: 'Who verified it.' }, 'verified_by'],
  [{ name: 'verification_comment', type: 'text', description: 'A comment on that.' }, 'verification_comment'],
  [{ name: 'answer_type', type: 'text', description: 'The type of the answer.' }, 'answer_type'],
  [{ name: 'version', type: 'text', description: 'Its version.' }, 'version'],
  [{ name: 'form_id', type: 'id', description: 'The form.' }, 'form_id'],
  [{ name: 'agent_pid', type: 'id', description: 'The agent reviewed.' }, 'agent_id'],
]

const described = fields.map(([column]) => column)

const columns: SelectedColumn[] = [
  { name: 'pid', type: 'id', description: "The review's id." },
  {
    name: 'engagement_pid',
    type: 'id',
    description: "The engagement that it names, else its turn's, else the first of its call.",
  },
  ...described.slice(0, -1),
  { name: 'engagement_start_time', type: 'instant', description: 'Start of that engagement.' },
  ...described.slice(-1),
]

/** Reviews whose engagement started in the window, or that changed in it. */
export const review = windowDataset({
  name: 'review',
  fileName: 'reviews',
  description: 'Answered questions of reviews whose engagement started in the window, or that changed in it.',
  columns,
  tables: ['reviews', 'turns'],
  query: selectReviews,
})

function selectReviews(base: string): string {
  return `
    WITH
      engagements[multiIf(named > 0, named, turn.id = '', 1, turn_named > 0, turn_named, ${placeAt('turn.at')})] AS engagement,
      ${namedIndex('review.engagement_id')} AS named,
      ${namedIndex('turn.engagement_id')} AS turn_named
    SELECT
      review.id AS pid,
      engagement.2 AS engagement_pid,
      engagement.1 AS engagement_start_time,
      ${fields.map(([{ name }, stored]) => `review.${stored} AS ${name}`).join(',\n      ')}
    FROM (
      SELECT *
      FROM reviews FINAL
      WHERE account_id = {accountId:UInt32}
        AND removed = 0
        AND call_id IN (
          ${callsOfBase(base)}
        )
    ) AS review
    INNER JOIN (
        ${engagementsByCall(base)}
    ) AS of_call ON of_call.call_id = review.call_id
    LEFT JOIN (
      SELECT call_id, id, at, engagement_id
      FROM turns FINAL
      WHERE account_id = {accountId:UInt32}
        AND removed = 0
        AND (call_id, id) IN (
          SELECT call_id, assumeNotNull(turn_id)
          FROM reviews
          WHERE account_id = {accountId:UInt32}
            AND turn_id IS NOT NULL
            AND call_id IN (
              ${callsOfBase(base)}
            )
        )
    ) AS turn ON turn.call_id = review.call_id AND turn.id = review.turn_id
    WHERE engagement.3
      AND (${inWindow('engagement.1')} OR ${inWindow('review.updated_at')})`
}
