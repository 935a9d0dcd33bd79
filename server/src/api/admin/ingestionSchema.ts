import { z } from 'zod'
import { faultsKeptDays } from '../../features/ingest/faultCounts.ts'
import { wholeNumber, withDefault } from '../http/parameters.ts'

const instant = z.iso.datetime()

export const received = z.object({
  from: instant,
  to: instant,
  data: z.array(
    z.object({
      collection: z.string(),
      records: z.int().describe('Sent or changed in the period, each counted once'),
      lastAt: instant,
      hours: z.array(z.object({ startsAt: instant, records: z.int() })).describe('Those with records, oldest first'),
    }),
  ),
})

export const faultQuery = z.object({
  days: withDefault(wholeNumber(1, faultsKeptDays), 7).describe('How far back; faults are kept 30 days'),
})

export const faultList = z.object({
  from: instant,
  to: instant,
  data: z
    .array(
      z.object({
        source: z.object({
          kind: z.enum(['key', 'user']).describe('What it was sent with: an API key, or a session of a user'),
          id: z.string(),
          name: z.string(),
          prefix: z.string().nullable().describe("The API key's first characters"),
        }),
        path: z.string().describe('Method and path, such as POST /v1/ingest/calls'),
        collection: z.string().nullable(),
        code: z.string().describe('As in the answer that refused it'),
        field: z.string().nullable().describe('Null for faults of a whole record or request, and for odd names'),
        message: z.string().describe('What is wrong and what would be right, without anything that was sent'),
        counts: z.enum(['records', 'requests']).describe('What is counted'),
        refused: z.int(),
        lastAt: instant,
      }),
    )
    .describe('The 200 latest kinds, latest first'),
})
