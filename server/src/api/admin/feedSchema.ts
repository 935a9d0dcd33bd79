import { z } from 'zod'

export const blockedCalls = z.object({
  blockedAfterSeconds: z.int().describe('EARSHOT_FEED_BLOCKED_AFTER_SECONDS'),
  data: z.array(
    z.object({
      number: z.int().describe('The callId of the call feed'),
      id: z.string().describe("The sender's id"),
      phase: z.string(),
      status: z.string(),
      startedAt: z.iso.datetime(),
      updatedAt: z.iso.datetime(),
      waitingSeconds: z.int().describe('Since its last change'),
    }),
  ),
})

/** The call, by its number (the feed's callId) or by the sender's id. */
export const releaseBody = z.union(
  [z.strictObject({ number: z.int().min(1) }), z.strictObject({ id: z.string().min(1).max(128) })],
  { error: 'must name the call by {"number": …} or by {"id": "…"}' },
)

export const releasedCall = z.object({
  data: z.object({ number: z.int(), id: z.string(), phase: z.literal('ERROR'), phaseBefore: z.string() }),
})
