import { requireScope, type Context } from '../../context.ts'
import { waitUntilReadable } from '../../recordLog/waitUntilReadable.ts'

/** The line of a call that matches a search. */
export interface Hit {
  callId: string
  text: string
}

const maxWords = 10

/**
 * Finds for each of these calls the line with most of the searched words, the first of several; none for calls without
 * a match.
 */
export async function findHits(
  context: Context,
  input: { callIds: readonly string[]; search: string },
): Promise<Hit[]> {
  requireScope(context, 'calls:read')
  const { ports, accountId } = context
  const words = (input.search.match(/[\p{L}\p{N}\p{M}]+/gu) ?? []).slice(0, maxWords)
  if (words.length === 0 || input.callIds.length === 0) return []
  await waitUntilReadable(ports, accountId)
  const hits = words.map((_, index) => `hasAllTokens(words, removeDiacriticsUTF8(caseFoldUTF8({word${index}:String})))`)
  return ports.clickhouse.rows<Hit & object>(
    `SELECT
       call_id AS callId,
       argMin(text, (-hits, at)) AS text
     FROM
     (
       SELECT call_id, text, at, ${hits.join(' + ')} AS hits
       FROM turns FINAL
       WHERE account_id = {accountId:UInt32}
         AND call_id IN {callIds:Array(String)}
         AND removed = 0
         AND text != ''
         AND hits > 0
     )
     GROUP BY call_id`,
    {
      accountId,
      callIds: input.callIds,
      ...Object.fromEntries(words.map((word, index) => [`word${index}`, word])),
    },
  )
}
