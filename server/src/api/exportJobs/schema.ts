import { z } from 'zod'
import { parseInstant } from '../../domain/instant.ts'
import { datasets } from '../../features/exports/datasets/all.ts'
import { anyText, bodyListOf, oneOf, optional, wanted, wholeNumber, withDefault } from '../http/parameters.ts'
import { storableText } from '../http/storableText.ts'

const names = datasets.map(({ name }) => name)
const text = storableText.min(1)

const instantForm = 'an RFC 3339 time with an offset, such as 2026-05-03T14:05:07Z or 2026-05-03T10:05:07-04:00'
/** An instant as text. */
const instantText = z
  .string({ error: wanted(instantForm) })
  .refine((given) => parseInstant(given) !== undefined, { error: `Invalid time; it must be ${instantForm}` })
  .meta({ format: 'date-time' })

const columnNames = z.array(text).min(1)

/** The values of a filter; a single value stays a text, as the job stores it. */
function oneOrSeveral(entry: z.ZodType<string>) {
  return bodyListOf(entry).transform((given) => (given.length > 1 ? given : given[0]))
}

export const startBody = z.strictObject({
  dataset: z.enum(names).optional().describe('What to export; or several as datasets'),
  datasets: z.array(z.enum(names)).min(1).optional().describe('What to export, one file each'),
  format: withDefault(oneOf(['csv', 'xlsx', 'ndjson', 'parquet']), 'csv').describe('xlsx for ai-calls alone'),
  compression: withDefault(oneOf(['none', 'gzip']), 'none'),
  columns: z
    .union([columnNames, z.partialRecord(z.enum(names), columnNames)], {
      error: ({ input }) =>
        Array.isArray(input)
          ? undefined
          : 'must be a list of names such as ["id", "status"], or such lists by dataset: {"calls": ["id"]}',
    })
    .optional()
    .describe('Columns wanted, in this order: a list for one dataset, or lists by dataset; all by default'),
  from: optional(instantText).describe('First instant, with `to`; not for ai-calls'),
  to: optional(instantText).describe('First instant after the period'),
  dateFrom: optional(text).describe('First local day, YYYY-MM-DD, with `dateTo`'),
  dateTo: optional(text).describe('Last local day, included'),
  timezone: optional(text).describe('IANA time zone of the days; UTC by default'),
  campaignId: oneOrSeveral(anyText).describe('Only calls of this campaign, or of these (ai-calls, calls)'),
  status: oneOrSeveral(oneOf(['evaluated', 'notEvaluated', 'pending', 'processing', 'failed'])).describe(
    'Only calls whose evaluation has this status, or one of these (ai-calls, calls)',
  ),
  outcome: oneOrSeveral(anyText).describe('Only calls with this outcome, or one of these (ai-calls, calls)'),
  // An empty contact is refused, because an empty shell variable must not export all customers.
  contact: text.optional().describe('Only what belongs to the customers with this e-mail address or phone number'),
})

export type StartBody = z.output<typeof startBody>

export const exportParams = z.object({ exportId: z.string() })

export const listQuery = z.object({
  limit: withDefault(wholeNumber(1, 1000), 100),
  cursor: optional(anyText).describe('nextCursor of the page before'),
})

const instant = z.iso.datetime()

const file = z.strictObject({
  dataset: z.string(),
  name: z.string(),
  contentType: z.string(),
  bytes: z.int(),
  sha256: z.string().describe('Of the file as it is downloaded, in hexadecimal digits'),
  rowCount: z.int(),
  downloadUrl: z.url().describe('Signed at every reading; needs no headers'),
})

const job = z.strictObject({
  exportId: z.uuid(),
  surface: z.string().describe('The API that started it'),
  datasets: z.array(z.string()),
  format: z.string(),
  compression: z.enum(['none', 'gzip']),
  status: z.enum(['queued', 'processing', 'completed', 'failed', 'cancelled']),
  progress: z.int().min(0).max(100),
  queuePosition: z.int().nullable().describe('1 is the next; null when it does not wait'),
  rowCount: z.int().nullable(),
  totalRows: z.int().nullable().describe('Rows that matched, also those beyond the limit of a file'),
  truncated: z.boolean().nullable(),
  files: z.array(file),
  error: z.string().nullable(),
  request: startBody
    .nullable()
    .describe('The body that starts it again; null where none does, as for exports about one contact'),
  createdAt: instant,
  startedAt: instant.nullable(),
  completedAt: instant.nullable(),
  expiresAt: instant.describe('When the export is gone, with its files: 72 hours after its start'),
})

export const jobAnswer = z.strictObject({ data: job })
export const jobList = z.strictObject({
  data: z.array(job),
  nextCursor: z.string().nullable().describe('Where the next page begins; null after the last one'),
})
