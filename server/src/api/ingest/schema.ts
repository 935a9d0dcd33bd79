import { z } from 'zod'
import { decimal, flag, oneOf, optional, wholeNumber, withDefault } from '../http/parameters.ts'
import { storableText } from '../http/storableText.ts'

const announce = withDefault(flag, true).describe('false: no events for what this request changes')
const dryRun = withDefault(flag, false).describe('true: check and count without storing')

export const collectionParams = z.object({ collection: z.string() })
export const recordParams = z.object({ collection: z.string(), id: storableText })
export const callParams = z.object({ id: storableText })

export const ingestQuery = z.object({
  onError: withDefault(oneOf(['fail', 'skip']), 'fail').describe('skip: store the valid records and list the others'),
  dryRun,
  announce,
})

export const replaceQuery = z.object({ dryRun })

export const recordingQuery = z.object({
  durationSeconds: optional(decimal(0, 31_536_000)).describe(
    'Length of the recording; read from the file when it is not given',
  ),
  channels: optional(wholeNumber(1, 64)).describe('Audio channels; read from the file likewise'),
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
