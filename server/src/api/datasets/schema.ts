import { z } from 'zod'
import { examples } from './examples.ts'

/** A query parameter as text; this API checks it with its own error codes. */
const parameter = (description: string, example: string) =>
  z
    .union([z.string(), z.array(z.string())])
    .optional()
    .describe(description)
    .meta({ examples: [example] })

export const startQuery = z.object({
  from: parameter(
    'Start of the range, included; required. ISO 8601; UTC when it has no offset',
    '2024-01-01T00:00:00Z',
  ),
  to: parameter('End of the range, not included; required. At most 24 hours after from', '2024-01-02T00:00:00Z'),
  include: parameter(
    'Datasets, separated by commas: engagement, customer, turn, review, agent; all by default',
    'engagement,turn',
  ),
  contact: parameter('E-mail address or phone number of the customer that the files keep to', '+33612345678'),
})

export type StartQuery = z.output<typeof startQuery>

export const exportParams = z.object({ exportId: z.string() })

export const startedAnswer = z
  .strictObject({ exportId: z.string(), statusUrl: z.string() })
  .meta({ examples: [examples.started] })

const link = z.url().optional().describe('Signed; needs no headers; valid for an hour')

export const statusAnswer = z
  .strictObject({
    exportId: z.string(),
    status: z.enum(['PROCESSING', 'COMPLETED', 'FAILED']),
    downloadUrls: z
      .strictObject({ engagement: link, customer: link, turn: link, review: link, agent: link })
      .describe('A link for each dataset that was asked for; none until the export is completed'),
    error: z.string().nullable(),
  })
  .meta({ examples: [examples.status] })

export const historyAnswer = z.array(statusAnswer).meta({ examples: [examples.history] })

/** The envelope of this API's failures. */
export const failureAnswer = z.strictObject({ error: z.strictObject({ code: z.string(), message: z.string() }) })
