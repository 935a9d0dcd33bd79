import { z } from 'zod'
import { filterNames, filterOf, type FilterName } from '../../features/analytics/dimensions.ts'
import { metricNames } from '../../features/analytics/metrics.ts'
import { reportNames } from '../../features/analytics/reports.ts'
import { storableText } from '../http/storableText.ts'
import { breakdownExample, examples } from './examples.ts'
import { granularities } from './map.ts'

const mostValues = 1000

/** A text that is given once. */
function once(description: string) {
  return z.string({ error: wanted('given once, as a text') }).describe(description)
}

/** The fault of a value of a wrong type; undefined leaves the text for a missing one to the server. */
function wanted(right: string) {
  return ({ input }: { input?: unknown }) => (input === undefined ? undefined : `must be ${right}`)
}

function oneOf<const Values extends readonly [string, ...string[]]>(values: Values) {
  return z.enum(values, { error: wanted(`one of ${values.join(', ')}`) })
}

/** One value or several: repeated, as a list, or joined by commas where values hold none. */
function several(splitsAtCommas: boolean) {
  return z
    .union([z.string(), z.array(z.string())], { error: wanted('a text or several') })
    .transform((given) => [given].flat().flatMap((text) => (splitsAtCommas ? text.split(',') : [text])))
    .transform((values) => values.map((value) => value.trim()))
    .refine((values) => values.every((value) => value !== ''), {
      error: 'must not be empty; leave it out for no filter',
    })
    .refine((values) => values.length <= mostValues, { error: `must be at most ${mostValues} values` })
    .pipe(z.array(storableText))
}

/** Several values, each one of those that there are. */
function severalOf<const Name extends string>(names: readonly Name[]) {
  return several(true).transform((values, context): Name[] => {
    const found = values.map((value) => names.find((name) => name === value))
    const known = found.filter((name) => name !== undefined)
    if (known.length === values.length) return known
    const unknown = values.filter((_, index) => found[index] === undefined)
    const message = `must be of ${names.join(', ')}; ${unknown.join(', ')} is not`
    context.addIssue({ code: 'custom', message })
    return z.NEVER
  })
}

function filterType(name: FilterName) {
  const { values, splitsAtCommas, description } = filterOf(name)
  const type: z.ZodType<string[]> = values ? severalOf(values) : several(splitsAtCommas)
  return type
    .refine((given) => given.length > 0, { error: 'must not be an empty list; leave it out for no filter' })
    .nullish()
    .transform((given) => given ?? undefined)
    .describe(description)
}

/** The filters and the period: the same in addresses and bodies. Null is taken for nothing. */
const question = {
  dateFrom: optional(once('First local day (YYYY-MM-DD), or the instant at which the period begins')).meta({
    examples: ['2024-01-01'],
  }),
  dateTo: optional(once('Last local day, included, or the instant at which the period ends, excluded')).meta({
    examples: ['2024-01-31'],
  }),
  timezone: optional(once('IANA time zone of the days; UTC by default')),
  ...Object.fromEntries(filterNames.map((name) => [name, filterType(name)])),
  metrics: optional(severalOf(metricNames)).describe('Further metrics, told under `metrics`'),
}

function optional<Type extends z.ZodType>(type: Type) {
  return type.nullish().transform((value) => value ?? undefined)
}

const granularity = oneOf(granularities)
  .nullish()
  .transform((value) => value ?? 'daily')
  .describe('daily by default; weeks begin on Monday')

export const reportQuery = z.object({
  ...question,
  compare: optional(oneOf(['previous'])).describe('previous: tells the period before as well, under `previous`'),
})

export const breakdownQuery = reportQuery.extend({
  limit: z.coerce
    .number({ error: wanted('a whole number from 1 to 10000') })
    .int({ error: 'must be a whole number from 1 to 10000' })
    .min(1, { error: 'must be a whole number from 1 to 10000' })
    .max(10_000, { error: 'must be a whole number from 1 to 10000' })
    .optional()
    .describe('Most rows; all by default'),
})

export const trendQuery = reportQuery.extend({ granularity })

export const exportBody = z
  .object(
    {
      ...question,
      granularity,
      format: oneOf(['csv', 'xlsx', 'ndjson', 'parquet'])
        .nullish()
        .transform((value) => value ?? 'csv')
        .describe('csv by default'),
      report: oneOf(asList(reportNames))
        .nullish()
        .transform((value) => value ?? 'daily-campaigns')
        .describe('What a row is; daily-campaigns (a day and a campaign) by default'),
    },
    { error: wanted('a JSON object') },
  )
  .meta({ examples: [examples.exportBody] })

/** A list of the registry's names; there is always one. */
function asList<Name extends string>(names: readonly Name[]): readonly [Name, ...Name[]] {
  return names as readonly [Name, ...Name[]]
}

const count = z.int().min(0)
const average = z.number().nullable()
const share = z.number().min(0).max(1).nullable()
const metricValues = z.record(z.string(), z.number().nullable())
const changes = z.record(
  z.string(),
  z.strictObject({ absolute: z.number().nullable(), relative: z.number().nullable() }),
)

const evaluationFigures = {
  totalEvaluations: count,
  completedEvaluations: count,
  averageScore: average,
  sentimentBreakdown: z.strictObject({ positive: count, neutral: count, negative: count }),
}

const summaryFigures = {
  dateFrom: z.string(),
  dateTo: z.string(),
  ...evaluationFigures,
  averageDurationSeconds: average,
  topCampaign: z.string().nullable(),
  topCallCenter: z.string().nullable(),
  metrics: metricValues.optional(),
}

const figures = {
  totalCalls: count,
  ...evaluationFigures,
  averageDurationSeconds: average,
  escalationRate: share,
  resolutionRate: share,
  metrics: metricValues.optional(),
}

export const summaryAnswer = z
  .strictObject({
    ...summaryFigures,
    previous: z.strictObject({ ...summaryFigures, change: changes }).optional(),
  })
  .meta({ examples: [examples.summary] })

const previousFigures = z.strictObject({ ...figures, change: changes })

/** Rows under the name of their id. */
export function breakdownAnswer(id: string) {
  return z
    .strictObject({
      data: z.array(
        z.strictObject({ [id]: z.string(), name: z.string(), ...figures, previous: previousFigures.optional() }),
      ),
    })
    .meta({ examples: [breakdownExample(id)] })
}

export const trendAnswer = z
  .strictObject({
    granularity: z.enum(granularities),
    timezone: z.string(),
    data: z.array(
      z.strictObject({
        date: z.iso.date(),
        ...figures,
        partial: z.boolean().optional().describe('Whether the period or the present cuts it short'),
        previous: z
          .strictObject({ date: z.iso.date(), ...figures, change: changes })
          .nullable()
          .optional(),
      }),
    ),
  })
  .meta({ examples: [examples.trend] })

export const jobParams = z.object({ jobId: z.string() })

const jobStatus = z.enum(['queued', 'processing', 'completed', 'failed'])

export const startedAnswer = z
  .strictObject({ jobId: z.uuid(), status: jobStatus })
  .meta({ examples: [examples.started] })

export const jobAnswer = z
  .strictObject({
    jobId: z.uuid(),
    status: jobStatus,
    progress: z.int().min(0).max(100),
    fileName: z.string().optional(),
    downloadUrl: z.url().optional().describe('Signed; needs no headers; valid for 2 hours after completion'),
    error: z.string().optional(),
  })
  .meta({ examples: [examples.job] })
