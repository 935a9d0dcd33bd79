import { z } from 'zod'

export const assetParams = z.object({ name: z.string() })

const mostCalls = 100

export const hitsQuery = z.object({
  q: z.string().min(1).max(256).describe('The searched words'),
  callIds: z
    .string()
    .transform((text) => text.split(',').filter((id) => id !== ''))
    .refine((ids) => ids.length <= mostCalls, { error: `must name at most ${mostCalls} calls` })
    .describe('Ids of calls, separated by commas'),
})

export const hits = z.object({ data: z.array(z.object({ callId: z.string(), text: z.string() })) })
