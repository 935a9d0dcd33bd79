import { requireScope, type Context } from '../../context.ts'
import { getCall } from './getCall.ts'

/** One thing that was said. */
export interface Segment {
  participant: string
  text: string
  /** Milliseconds since 1970. */
  at: number
}

/**
 * What was said on a call, in the order of its times; what has the same time in the order in which it was first sent. Turns without text are left out. Of a call that goes on it is what is known so far.
 * Throws RESOURCE_NOT_FOUND when the call is not there.
 */
export async function getTranscript(context: Context, callId: string): Promise<Segment[]> {
  requireScope(context, 'calls:read')
  const { ports, accountId } = context
  await getCall(context, callId)
  return ports.clickhouse.rows<Segment & object>(
    `SELECT
       turns.participant AS participant,
       turns.text AS text,
       toUnixTimestamp64Milli(turns.at) AS at
     FROM turns FINAL
     WHERE turns.account_id = {accountId:UInt32}
       AND turns.call_id = {callId:String}
       AND turns.removed = 0
       AND turns.text != ''
     ORDER BY turns.at, turns.first_seq
     SETTINGS max_threads = 1`,
    { accountId, callId },
  )
}
