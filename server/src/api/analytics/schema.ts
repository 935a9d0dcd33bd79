import { z } from 'zod'
import { filterNames, filterOf, type FilterName } from '../../features/analytics/dimensions.ts'
import { metricNames } from '../../features/analytics/metrics.ts'
import { reportNames } from '../../features/analytics/reports.ts'
import { anyText, bodyListOf, listOf, oneOf, optional, wanted, wholeNumber, withDefault } from '../http/parameters.ts'
import { breakdownExample, examples } from './examples.ts'
import { granularities } from './map.ts'

type ListReader = typeof listOf | typeof bodyListOf

/** The values of a filter; undefined for no filter. */
function filterType(name: FilterName, readList: ListReader) {
  const { values, description } = filterOf(name)
  return readList(values ? oneOf(values) : anyText)
    .transform((given) => (given.length > 0 ? given : undefined))
    .describe(description)
}

/** The filters and the period. Only the form of lists differs between queries and bodies. */
function questionIn(readList: ListReader) {
  return {
    dateFrom: optional(anyText)
      .describe('First local day (YYYY-MM-DD), or the instant at which the period begins')
      .meta({ examples: ['2024-01-01'] }),
    dateTo: optional(anyText)
      .describe('Last local day, included, or the instant at which the period ends, excluded')
      .meta({ examples: ['2024-01-31'] }),
    timezone: optional(anyText).describe('IANA time zone of the days; UTC by default'),
    ...Object.fromEntries(filterNames.map((name) => [name, filterType(name, readList)])),
    metrics: readList(oneOf(metricNames)).describe('Further metrics, told under `metrics`'),
  }
}

const granularity = withDefault(oneOf(granularities), 'daily').describe('daily by default; weeks begin on Monday')

export const reportQuery = z.object({
  ...questionIn(listOf),
  compare: optional(oneOf(['previous'])).describe(
    'previous: tells the period before as well, under `previous`; of a period that is not over yet the same part',
  ),
})

export const breakdownQuery = reportQuery.extend({
  limit: optional(wholeNumber(1, 10_000)).describe('Most rows; all by default'),
})

export const trendQuery = reportQuery.extend({ granularity })

export const exportBody = z
  .object(
    {
      ...questionIn(bodyListOf),
      granularity,
      limit: optional(wholeNumber(1, 10_000)).describe('Most rows of a breakdown; all by default'),
      compare: optional(anyText).describe('Not for files; refused'),
      format: withDefault(oneOf(['csv', 'xlsx', 'ndjson', 'parquet']), 'csv').describe('csv by default'),
      report: withDefault(oneOf(reportNames), 'daily-campaigns').describe(
        'What a row is; daily-campaigns (a day and a campaign) by default',
      ),
    },
    { error: wanted('a JSON object') },
  )
  .meta({ examples: [examples.exportBody] })

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
          .strictObject({
            date: z.iso.date().describe('Its first local day'),
            partial: z.boolean().describe('Whether it is not a whole day, week or month from there'),
            ...figures,
            change: changes,
          })
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
