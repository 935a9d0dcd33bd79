import { z } from 'zod'
import { storableText } from '../http/storableText.ts'

const flag = z
  .enum(['true', 'false'])
  .default('false')
  .transform((text) => text === 'true')

const announce = z
  .enum(['true', 'false'])
  .default('true')
  .transform((text) => text === 'true')
  .describe('false: no events for what this request changes')

export const collectionParams = z.object({ collection: z.string() })
export const recordParams = z.object({ collection: z.string(), id: storableText })
export const callParams = z.object({ id: storableText })

export const ingestQuery = z.object({
  onError: z.enum(['fail', 'skip']).default('fail').describe('skip: store the valid records and list the others'),
  dryRun: flag.describe('true: check and count without storing'),
  announce,
})

export const replaceQuery = z.object({ dryRun: flag.describe('true: check and count without storing') })

export const recordingQuery = z.object({
  durationSeconds: z.coerce
    .number()
    .min(0)
    .max(31_536_000)
    .optional()
    .describe('Length of the recording; read from the file when it is not given'),
  channels: z.coerce.number().int().min(1).max(64).optional().describe('Audio channels; read from the file likewise'),
  announce,
})

export const storedRecording = z.object({
  data: z.object({ callId: z.string(), recordingId: z.uuid(), bytes: z.number() }),
})

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
