import { z } from 'zod'
import { filterNames, filterOf, type FilterName, type Filters } from '../../features/analytics/dimensions.ts'
import { anyText, listOf, oneOf, optional } from '../http/parameters.ts'

/** The values of a filter in the form of analytics. */
function valuesOf(name: FilterName) {
  const { values, description } = filterOf(name)
  return listOf(values ? oneOf(values) : anyText)
    .transform((given) => (given.length > 0 ? given : undefined))
    .describe(description)
}

export const heatMapQuery = z.object({
  dateFrom: optional(anyText).describe('First local day (YYYY-MM-DD)'),
  dateTo: optional(anyText).describe('Last local day, included'),
  timezone: optional(anyText).describe('IANA time zone of the days and hours; UTC by default'),
  ...Object.fromEntries(filterNames.map((name) => [name, valuesOf(name)])),
})

/** The filters of a checked query. Their names are those of the registry. */
export function filtersOf(query: object): Filters {
  const given: Record<string, unknown> = { ...query }
  return Object.fromEntries(filterNames.filter((name) => given[name] !== undefined).map((name) => [name, given[name]]))
}

export const heatMap = z.object({
  data: z.array(
    z.object({
      weekday: z.int().min(1).max(7).describe('1 is Monday'),
      hour: z.int().min(0).max(23),
      calls: z.int().min(1),
    }),
  ),
})

export const words = z.object({
  languages: z.array(z.string()).describe('Most frequent first, at most 500'),
  tags: z.array(z.string()).describe('Most frequent first, at most 500'),
})
