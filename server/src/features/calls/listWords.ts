import { requireScope, type Context } from '../../context.ts'
import { waitUntilReadable } from '../../recordLog/waitUntilReadable.ts'

/** Values of free-text fields, most frequent first. */
export interface Words {
  languages: string[]
  tags: string[]
}

const maxWords = 500

/** Lists the languages and tags of the account's calls, at most 500 of each, for selection in the console. */
export async function listWords(context: Context): Promise<Words> {
  requireScope(context, 'analytics:read')
  const { ports, accountId } = context
  await waitUntilReadable(ports, accountId)
  const wordsOf = async (word: string, condition: string): Promise<string[]> => {
    const rows = await ports.clickhouse.rows<{ word: string }>(
      `SELECT ${word} AS word
       FROM calls FINAL
       WHERE account_id = {accountId:UInt32}
         AND removed = 0
         AND ${condition}
       GROUP BY word
       ORDER BY count() DESC, word
       LIMIT ${maxWords}`,
      { accountId },
    )
    return rows.map((row) => row.word).filter((text) => text !== '')
  }
  const [languages, tags] = await Promise.all([
    wordsOf('assumeNotNull(language)', "ifNull(language, '') != ''"),
    wordsOf('arrayJoin(tags)', 'notEmpty(tags)'),
  ])
  return { languages, tags }
}
