import { z } from 'zod'
import { datasets } from '../../features/exports/datasets/all.ts'
import { storableText } from '../http/storableText.ts'

const names = datasets.map(({ name }) => name)
const text = storableText.min(1)

export const startBody = z.strictObject({
  dataset: z.enum(names).optional().describe('What to export; or several as datasets'),
  datasets: z.array(z.enum(names)).min(1).optional().describe('What to export, one file each'),
  format: z.enum(['csv', 'xlsx', 'ndjson', 'parquet']).default('csv').describe('xlsx for ai-calls alone'),
  compression: z.enum(['none', 'gzip']).default('none'),
  columns: z
    .union([z.array(text).min(1), z.partialRecord(z.enum(names), z.array(text).min(1))])
    .optional()
    .describe('Columns wanted, in this order: a list for one dataset, or lists by dataset; all by default'),
  from: z.iso.datetime({ offset: true }).optional().describe('First instant, with `to`; not for ai-calls'),
  to: z.iso.datetime({ offset: true }).optional().describe('First instant after the period'),
  dateFrom: text.optional().describe('First local day, YYYY-MM-DD, with `dateTo`'),
  dateTo: text.optional().describe('Last local day, included'),
  timezone: text.optional().describe('IANA time zone of the days; UTC by default'),
  campaignId: text.optional().describe('Only calls of this campaign (ai-calls, calls)'),
  status: z
    .enum(['evaluated', 'notEvaluated', 'pending', 'processing', 'failed'])
    .optional()
    .describe('Only calls whose evaluation has this status (ai-calls, calls)'),
  outcome: text.optional().describe('Only calls with this outcome (ai-calls, calls)'),
  contact: text.optional().describe('Only what belongs to the customers with this e-mail address or phone number'),
})

export type StartBody = z.output<typeof startBody>

export const exportParams = z.object({ exportId: z.string() })

export const listQuery = z.object({ limit: z.coerce.number().int().min(1).max(1000).default(100) })

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
})

export const jobAnswer = z.strictObject({ data: job })
export const jobList = z.strictObject({ data: z.array(job) })
