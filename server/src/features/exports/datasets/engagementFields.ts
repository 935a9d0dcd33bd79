import { millisecondsExpression } from '../../../domain/wholeUnits.ts'

/** A column of the base that only the engagement file needs, and what it is of `engagement` and `call`. */
interface EngagementField {
  column: string
  base: string
}

/** What a call without engagements says where a record would say it. */
const madeFromCall: Record<string, string> = {
  ended_at: 'call.ended_at',
  channel_type: "if(call.channel IN ('phone', 'mobile', 'widget'), 'VOICE', upper(call.channel))",
  direction: "if(call.direction = 'outbound', 'Outbound', 'Inbound')",
  status: "if(call.status = 'active', 'Active', 'Completed')",
  type: "'Agent'",
  outcome: "CAST(call.outcome, 'Nullable(String)')",
  language: 'call.language',
  total_time: `toFloat64(${millisecondsExpression('call.duration_seconds')})`,
  order_agent_engagements: 'toInt64(1)',
  total_conversation_agent_engagements: 'toInt64(1)',
}

/** Texts of an engagement that stand under their own names. */
export const textColumns = [
  'external_id',
  'name',
  'link',
  'conversation_external_id',
  'channel_type',
  'direction',
  'status',
  'type',
  'outcome_type',
  'service_level',
  'terminated_by',
  'initiated_by',
  'resolution',
  'channel',
  'queue',
  'team',
  'department',
  'outcome',
  'outcome_category',
  'reason',
  'reason_category',
  'case_name',
  'platform',
  'source',
  'language',
  'channel_vendor',
  'category',
  'campaign',
  'priority',
  'menu_path',
  'flow',
  'service',
  'company_contact',
  'brand',
  'topic_category',
  'topic',
  'attribute_01',
  'attribute_02',
  'attribute_03',
  'attribute_04',
  'agent_location',
  'agent_role',
  'agent_organization',
  'external_agent_name',
] as const

/** Numbers of an engagement before its place among the others, and the AI's scores after it. */
export const numberColumns = [
  'cost',
  'engagement_time',
  'focus_time',
  'hold_time',
  'invitation_time',
  'menu_time',
  'preparation_time',
  'wait_time',
  'wrap_up_time',
  'total_time',
  'engagement_fact_01',
  'engagement_fact_02',
  'engagement_fact_03',
  'wait_for_customer_time',
] as const

export const integerColumns = ['order_agent_engagements', 'total_conversation_agent_engagements'] as const

export const scoreColumns = [
  'adaptability',
  'adherence',
  'clarity',
  'completeness',
  'customer_satisfaction',
  'empathy',
  'expressed_satisfaction',
  'language_skills',
  'persuasion',
  'severity',
  'understanding',
] as const

const ownColumns = ['ended_at', ...textColumns, ...numberColumns, ...integerColumns, ...scoreColumns]

/** Every column that the engagement file needs beside those that all files do. */
export const engagementFields: readonly EngagementField[] = [
  ...ownColumns.map((column) => {
    const made = madeFromCall[column]
    return { column, base: made === undefined ? `engagement.${column}` : `if(is_made, ${made}, engagement.${column})` }
  }),
  { column: 'conversation_started_at', base: 'ifNull(engagement.conversation_started_at, call.started_at)' },
  { column: 'conversation_id', base: 'ifNull(engagement.conversation_id, call.id)' },
  // Their names are those of the records that they name.
  { column: 'made_campaign_id', base: "if(is_made, CAST(call.campaign_id, 'Nullable(String)'), NULL)" },
  { column: 'made_queue_id', base: 'if(is_made, call.queue_id, NULL)' },
]
