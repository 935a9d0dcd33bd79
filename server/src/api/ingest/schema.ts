import { z } from 'zod'

const flag = z
  .enum(['true', 'false'])
  .default('false')
  .transform((text) => text === 'true')

export const collectionParams = z.object({ collection: z.string() })
export const recordParams = z.object({ collection: z.string(), id: z.string() })
export const callParams = z.object({ id: z.string() })

export const ingestQuery = z.object({
  onError: z.enum(['fail', 'skip']).default('fail').describe('skip: store the valid records and list the others'),
  dryRun: flag.describe('true: check and count without storing'),
  announce: z.enum(['true', 'false']).default('true').describe('false: no events for what this request changes'),
})

export const replaceQuery = z.object({ dryRun: flag.describe('true: check and count without storing') })

const fault = z.object({
  index: z.number().optional(),
  field: z.string().optional(),
  reason: z.string().optional(),
  message: z.string(),
})

export const counts = z.object({
  data: z.object({
    accepted: z.number(),
    created: z.number(),
    updated: z.number(),
    unchanged: z.number(),
    deleted: z.number().optional(),
    rejected: z.number(),
    errors: z.array(fault),
  }),
})

export const deletion = z.object({ data: z.object({ deleted: z.number() }) })
