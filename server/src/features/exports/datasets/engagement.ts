import type { SelectedColumn } from './machineDataset.ts'
import { windowDataset } from './machineDataset.ts'
import { integerColumns, numberColumns, scoreColumns, textColumns } from './engagementFields.ts'

const described = (type: SelectedColumn['type'], describe: (words: string) => string) => (name: string) => ({
  name,
  type,
  description: describe(name.replaceAll('_', ' ')),
})
const text = described('text', (words) => `Its ${words}.`)
const number = described('number', (words) =>
  words.endsWith(' time') ? `Its ${words} in ms.` : words === 'cost' ? 'What it cost.' : `The sender's ${words}.`,
)
const integer = described(
  'integer',
  (words) => `${words.charAt(0).toUpperCase()}${words.slice(1)} of its conversation.`,
)
const score = described('number', (words) => `The AI's score for ${words}; empty where it gave none.`)

const [externalId, name, link, conversationExternalId, ...otherTexts] = textColumns

const columns: SelectedColumn[] = [
  { name: 'pid', type: 'id', description: "The engagement's id; the call's for one that was made from a call." },
  ...[externalId, name, link].map(text),
  { name: 'agent_pid', type: 'id', description: 'Its agent, else the agent of its call.' },
  { name: 'agent_name', type: 'text', description: "That agent's name, the id until it is known." },
  { name: 'contact_pid', type: 'id', description: 'Its customer, else the customer of its call.' },
  { name: 'contact_name', type: 'text', description: "That customer's name, the id until the customer is known." },
  { name: 'conversation_start_time', type: 'instant', description: 'Start of the conversation, else of the call.' },
  { name: 'start_time', type: 'instant', description: 'Start of the engagement, else of the call.' },
  { name: 'end_time', type: 'instant', description: 'End of the engagement; empty while it lasts.' },
  { name: 'conversation_id', type: 'id', description: "The conversation's id, else the call's." },
  ...[conversationExternalId, ...otherTexts].map(text),
  ...numberColumns.map(number),
  ...integerColumns.map(integer),
  ...scoreColumns.map(score),
]

const fromBase = [...textColumns, ...numberColumns, ...integerColumns, ...scoreColumns].filter(
  (column) => column !== 'campaign' && column !== 'queue',
)

/** Engagements that started or changed in the window; a call without any counts as one. */
export const engagement = windowDataset({
  name: 'engagement',
  fileName: 'engagements',
  description: 'Engagements that started or changed in the window; a call without any is one made from the call.',
  columns,
  tables: ['agents', 'customers', 'campaigns', 'queues'],
  query: selectEngagements,
})

function selectEngagements(base: string): string {
  return `
    SELECT
      base.id AS pid,
      base.agent_id AS agent_pid,
      if(agent.id = '', base.agent_id, agent.name) AS agent_name,
      base.customer_id AS contact_pid,
      if(customer.id = '', base.customer_id, customer.name) AS contact_name,
      base.conversation_started_at AS conversation_start_time,
      base.started_at AS start_time,
      base.ended_at AS end_time,
      base.conversation_id AS conversation_id,
      if(base.is_made, if(campaign.id = '', base.made_campaign_id, campaign.name), base.campaign) AS campaign,
      if(base.is_made, if(queue.id = '', base.made_queue_id, queue.name), base.queue) AS queue,
      ${fromBase.map((column) => `base.${column} AS ${column}`).join(',\n      ')}
    FROM (
      SELECT *
      FROM ${base}
      WHERE is_exported
        -- A call may have the id of another call's engagement: the record stands.
        AND NOT (is_made AND id IN (SELECT id FROM ${base} WHERE NOT is_made))
    ) AS base
    LEFT JOIN (${namesOf('agents', base, 'agent_id')}) AS agent ON agent.id = base.agent_id
    LEFT JOIN (${namesOf('customers', base, 'customer_id')}) AS customer ON customer.id = base.customer_id
    LEFT JOIN (${namesOf('campaigns', base, 'made_campaign_id')}) AS campaign ON campaign.id = base.made_campaign_id
    LEFT JOIN (${namesOf('queues', base, 'made_queue_id')}) AS queue ON queue.id = base.made_queue_id`
}

/** The names of the records that a column of the base names. */
function namesOf(table: string, base: string, column: string): string {
  return `
      SELECT id, name
      FROM ${table} FINAL
      WHERE account_id = {accountId:UInt32}
        AND removed = 0
        AND id IN (
          SELECT assumeNotNull(${column})
          FROM ${base}
          WHERE is_exported
            AND ${column} IS NOT NULL
        )
    `
}
