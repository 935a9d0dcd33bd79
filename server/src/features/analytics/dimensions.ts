import { calls } from '../../domain/collections/calls.ts'
import { languageTag } from '../../domain/language.ts'

/** A dimension by which results are grouped. */
export interface Dimension {
  description: string
  /** Column of the totals that holds the dimension. */
  column: 'campaign_id' | 'call_center_id' | 'agent_id'
  /** Table of the records that its ids refer to. */
  namedBy: 'campaigns' | 'call_centers' | 'agents'
}

/** All dimensions by the name of their id in the records. A new dimension is one entry. */
export const dimensions = {
  campaignId: { description: 'The campaign of a call.', column: 'campaign_id', namedBy: 'campaigns' },
  callCenterId: { description: 'The call centre of a call.', column: 'call_center_id', namedBy: 'call_centers' },
  agentId: { description: 'The agent of a call.', column: 'agent_id', namedBy: 'agents' },
} satisfies Record<string, Dimension>

export type DimensionName = keyof typeof dimensions

/**
 * A filter of calls besides the period. Several values of one filter are alternatives; different filters must all
 * match.
 */
export interface Filter {
  description: string
  /** ClickHouse condition over `calls` with `{values}` for the requested values. */
  condition: string
  /** Column of the totals that supports the same filter. */
  column?: 'campaign_id' | 'call_center_id' | 'engagement_id' | 'agent_id'
  /** Converts a value to its stored form; unchanged by default. */
  keptAs?: (value: string) => string
  /** The allowed values; any text by default. */
  values?: readonly string[]
}

/** All filters by their name in requests. A new filter is one entry. */
const filters = {
  campaignId: idFilter('campaign_id', 'Only calls of these campaigns'),
  callCenterId: idFilter('call_center_id', 'Only calls of these call centres'),
  engagementId: idFilter('engagement_id', 'Only calls of these engagements (programmes of work)'),
  agentId: idFilter('agent_id', 'Only calls of these agents'),
  queueId: { description: 'Only calls of these queues', condition: 'queue_id IN {values}' },
  channel: {
    description: 'Only calls over these channels',
    condition: 'channel IN {values}',
    values: valuesOf('channel'),
  },
  direction: {
    description: 'Only calls in this direction',
    condition: 'direction IN {values}',
    values: valuesOf('direction'),
  },
  language: {
    description: 'Only calls in these languages, as they were sent',
    condition: 'language IN {values}',
    keptAs: languageTag,
  },
  tag: {
    description: 'Only calls with one of these tags',
    condition: 'hasAny(tags, {values})',
  },
} satisfies Record<string, Filter>

export type FilterName = keyof typeof filters

export const filterNames = Object.keys(filters).map(asFilterName)

/** The requested values of each filter in use. */
export type Filters = Partial<Record<FilterName, readonly string[]>>

export function filterOf(name: FilterName): Filter {
  return filters[name]
}

/** `Object.keys` loses the type of the keys. */
function asFilterName(key: string): FilterName {
  return key as FilterName
}

function idFilter(column: NonNullable<Filter['column']>, description: string): Filter {
  return { description, condition: `${column} IN {values}`, column }
}

function valuesOf(name: string): readonly string[] {
  const type = calls.fields.find((field) => field.name === name)?.type
  return type?.kind === 'oneOf' ? type.values : []
}
