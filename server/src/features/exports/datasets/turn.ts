import { callsOfBase, engagementsByCall, namedIndex, placeAt } from './engagementBase.ts'
import { windowDataset, type SelectedColumn } from './machineDataset.ts'
import { inWindow } from './window.ts'

const columns: SelectedColumn[] = [
  { name: 'pid', type: 'id', description: "The turn's id." },
  {
    name: 'engagement_pid',
    type: 'id',
    description: 'The engagement that it names, else the last of its call that had started, else the first.',
  },
  { name: 'turn_time', type: 'instant', description: 'When it began.' },
  { name: 'turn_time_relative_ms', type: 'integer', description: 'The same from the start of its engagement, in ms.' },
  { name: 'response_to', type: 'id', description: 'The turn that it answers.' },
  { name: 'participant', type: 'text', description: 'AGENT or CUSTOMER.' },
  { name: 'type', type: 'text', description: 'Its type.' },
  { name: 'origin', type: 'text', description: 'Its origin.' },
  { name: 'category', type: 'text', description: 'Its category.' },
  { name: 'duration', type: 'number', description: 'How long it took, in ms.' },
  { name: 'length', type: 'integer', description: 'Characters of its text.' },
  { name: 'sentiment', type: 'number', description: 'Its sentiment, -1 to 1.' },
  { name: 'confidence', type: 'number', description: "The transcription's confidence, 0 to 1." },
  { name: 'quality', type: 'number', description: "The transcription's quality, 0 to 1." },
  { name: 'external_id', type: 'id', description: "The sender's other id." },
  { name: 'content', type: 'text', description: 'What was said.' },
  { name: 'content_agent', type: 'text', description: "The text in the agent's language, else an agent's text." },
  { name: 'content_customer', type: 'text', description: 'The same of the customer.' },
  { name: 'language_agent', type: 'text', description: 'The language of content_agent.' },
  { name: 'language_customer', type: 'text', description: 'The language of content_customer.' },
  { name: 'language_content', type: 'text', description: 'The language of content.' },
]

/** Turns whose engagement started in the window, or that changed in it. */
export const turn = windowDataset({
  name: 'turn',
  fileName: 'turns',
  description: 'Turns whose engagement started in the window, or that changed in it.',
  columns,
  tables: ['turns'],
  query: selectTurns,
})

function selectTurns(base: string): string {
  return `
    WITH
      engagements[if(named > 0, named, ${placeAt('turn.at')})] AS engagement,
      ${namedIndex('turn.engagement_id')} AS named
    SELECT
      turn.id AS pid,
      engagement.2 AS engagement_pid,
      turn.at AS turn_time,
      toUnixTimestamp64Milli(turn.at) - toUnixTimestamp64Milli(engagement.1) AS turn_time_relative_ms,
      turn.response_to AS response_to,
      upper(turn.participant) AS participant,
      turn.type AS type,
      turn.origin AS origin,
      turn.category AS category,
      turn.duration_ms AS duration,
      lengthUTF8(turn.text) AS length,
      turn.sentiment AS sentiment,
      turn.confidence AS confidence,
      turn.quality AS quality,
      turn.external_id AS external_id,
      turn.text AS content,
      ifNull(turn.text_agent, if(turn.participant = 'agent', turn.text, NULL)) AS content_agent,
      ifNull(turn.text_customer, if(turn.participant = 'customer', turn.text, NULL)) AS content_customer,
      ifNull(turn.language_agent, if(turn.participant = 'agent', turn.language, NULL)) AS language_agent,
      ifNull(turn.language_customer, if(turn.participant = 'customer', turn.language, NULL)) AS language_customer,
      turn.language AS language_content
    FROM (
      SELECT *
      FROM turns FINAL
      WHERE account_id = {accountId:UInt32}
        AND removed = 0
        AND call_id IN (
          ${callsOfBase(base)}
        )
    ) AS turn
    INNER JOIN (
        ${engagementsByCall(base)}
    ) AS of_call ON of_call.call_id = turn.call_id
    WHERE engagement.3
      AND (${inWindow('engagement.1')} OR ${inWindow('turn.updated_at')})`
}
