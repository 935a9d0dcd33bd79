import { z } from 'zod'
import { listOf, text } from '../http/parameters.ts'

export const assetParams = z.object({ name: z.string() })

const maxCalls = 100

export const hitsQuery = z.object({
  q: text(1, 256).describe('The searched words'),
  callIds: listOf(z.string(), maxCalls).describe('Ids of calls, separated by commas'),
})

export const hits = z.object({ data: z.array(z.object({ callId: z.string(), text: z.string() })) })
