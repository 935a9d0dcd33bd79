import { requireScope, type Context } from '../../context.ts'
import { getCall } from './getCall.ts'

/** One turn of the transcript. */
export interface Segment {
  participant: string
  text: string
  /** Milliseconds since 1970. */
  at: number
}

/**
 * Reads the transcript of a call, ordered by time; turns with equal times keep the order in which they were first sent.
 * Turns without text are left out. For an active call it is the transcript so far. Throws RESOURCE_NOT_FOUND when the
 * call does not exist.
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
