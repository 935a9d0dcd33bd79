import { z } from 'zod'
import { anyText, listOf, optional, wholeNumber, withDefault } from '../http/parameters.ts'

export const listParams = z.object({ collection: z.string() })
export const recordParams = z.object({ collection: z.string(), id: z.string() })

export const listQuery = z.object({
  limit: withDefault(wholeNumber(1, 1000), 100).describe('Records in a page, 1 to 1000'),
  cursor: optional(anyText).describe('nextCursor of the page before'),
  callId: optional(anyText).describe('Only parts of this call'),
})

export const recordQuery = z.object({
  include: listOf(z.string()).describe(
    'Parts to give with a call, separated by commas: engagements, turns, evaluations, surveys, reviews',
  ),
})

const record = z.record(z.string(), z.unknown())

export const list = z.object({ data: z.array(record), nextCursor: z.string().nullable() })
export const single = z.object({ data: record })

export const callParams = z.object({ id: z.string() })

/** For each channel the greatest amplitude, 0 to 255, of each of up to 1,000 parts of the recording. */
export const waveform = z.object({
  data: z.object({ durationSeconds: z.number(), channels: z.array(z.array(z.number())) }),
})
