import { z } from 'zod'
import type { Parameters } from '../../../store/clickhouse/clickhouse.ts'

/** One value, or several, which are alternatives. */
const wanted = z.union([z.string().transform((value) => [value]), z.array(z.string())]).optional()

/** Which calls are wanted: by campaign, by the status of their evaluation, by outcome; all by default. */
export const callFilters = z.object({ campaignId: wanted, status: wanted, outcome: wanted })

export type CallFilters = z.output<typeof callFilters>

const columns = {
  campaignId: 'campaign_id',
  // A call without an evaluation has not been evaluated.
  status: "ifNull(evaluation_status, 'notEvaluated')",
  outcome: 'outcome',
} as const

/** Conditions over `calls`, and the values for their places. */
export function filterBy(filters: CallFilters): { conditions: string[]; parameters: Parameters } {
  const names = (['campaignId', 'status', 'outcome'] as const).filter((name) => filters[name] !== undefined)
  return {
    conditions: names.map((name) => `AND ${columns[name]} IN {${name}:Array(String)}`),
    parameters: Object.fromEntries(names.map((name) => [name, filters[name] ?? []])),
  }
}
