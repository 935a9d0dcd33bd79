import { z } from 'zod'
import { countDays, parseLocalDate, parseTimeZone } from '../../domain/period.ts'
import { AppError } from '../../errors.ts'
import { anyText, oneOf, optional, wanted, withDefault } from '../http/parameters.ts'
import { examples } from './examples.ts'
import { maxDays } from './map.ts'

/** A text for one of our parsers; the parser's error becomes the fault of the field. */
function readBy(read: (text: string, field: string) => string, field: string) {
  return z.string({ error: wanted('a text') }).transform((text, context) => {
    try {
      return read(text, field)
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      // Every fault already has the field's name.
      const message = error.message.replace(`${field} `, '').replace(/\.$/, '')
      context.addIssue({ code: 'custom', message })
      return z.NEVER
    }
  })
}

export const startBody = z
  .object(
    {
      dateFrom: readBy(parseLocalDate, 'dateFrom').describe('First local day, YYYY-MM-DD, included'),
      dateTo: readBy(parseLocalDate, 'dateTo').describe(`Last local day, included; at most ${maxDays} days in all`),
      format: withDefault(oneOf(['csv', 'xlsx']), 'csv').describe('csv by default'),
      campaignId: optional(anyText).describe('Only calls of this campaign'),
      status: optional(oneOf(['evaluated', 'notEvaluated', 'pending', 'processing', 'failed'])).describe(
        'Only calls whose evaluation has this status',
      ),
      outcome: optional(anyText).describe('Only calls with this outcome'),
      timezone: withDefault(readBy(parseTimeZone, 'timezone'), 'UTC').describe('IANA time zone; UTC by default'),
    },
    { error: wanted('a JSON object with dateFrom and dateTo') },
  )
  .superRefine(({ dateFrom, dateTo }, context) => {
    const days = countDays(dateFrom, dateTo)
    if (days < 1) {
      context.addIssue({ code: 'custom', path: ['dateTo'], message: `must not be before dateFrom (${dateFrom})` })
    } else if (days > maxDays) {
      const message = `must be at most ${maxDays} days from dateFrom, both included; these are ${days}`
      context.addIssue({ code: 'custom', path: ['dateTo'], message })
    }
  })
  .meta({ examples: [examples.startBody] })

export const jobParams = z.object({ jobId: z.string() })

export const startedAnswer = z
  .strictObject({
    data: z.strictObject({ jobId: z.uuid(), status: z.enum(['queued', 'processing', 'completed', 'failed']) }),
  })
  .meta({ examples: [examples.started] })

export const jobAnswer = z
  .strictObject({
    data: z.strictObject({
      jobId: z.uuid(),
      status: z.enum(['queued', 'processing', 'completed', 'failed']),
      progress: z.int().min(0).max(100),
      fileName: z.string().optional(),
      downloadUrl: z.url().optional().describe('Signed; needs no headers; valid for 2 hours after completion'),
      error: z.string().optional(),
      rowCount: z.int().optional(),
      totalRows: z.int().optional().describe('Calls that matched, also those beyond the 50,000 in the file'),
      truncated: z.boolean().optional(),
      createdAt: z.iso.datetime(),
      completedAt: z.iso.datetime().optional(),
      expiresAt: z.iso.datetime().optional().describe('When downloadUrl ends'),
    }),
  })
  .meta({ examples: [examples.job] })
