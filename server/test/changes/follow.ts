import type { TestAccount } from '../testApp.ts'
import type { Json } from '../model/recordsModel.ts'

type Reader = Pick<TestAccount, 'request'>

export interface ReadPage {
  status: number
  rows: Json[]
  cursor: string
  hasMore: boolean
}

/** One page of NDJSON; the cursor is the one that the page gave, or the one that was sent when it failed. */
export async function readPage(account: Reader, collection: string, cursor: string, query = ''): Promise<ReadPage> {
  const answer = await account.request('GET', `/v1/changes/${collection}?${query}&cursor=${cursor}`)
  const rows = answer.status === 200 ? rowsOf(answer.text) : []
  return {
    status: answer.status,
    rows,
    cursor: answer.headers.get('x-next-cursor') ?? cursor,
    hasMore: answer.headers.get('x-has-more') === 'true',
  }
}

export function rowsOf(text: string): Json[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Json)
}

/** Every change after a cursor, page by page. */
export async function readAllChanges(
  account: Reader,
  collection: string,
  { cursor = '', query = '' } = {},
): Promise<{ rows: Json[]; cursor: string }> {
  const rows: Json[] = []
  for (let next = cursor; ;) {
    const page = await readPage(account, collection, next, query)
    if (page.status !== 200) throw new Error(`A page of ${collection} was answered ${page.status}.`)
    rows.push(...page.rows)
    next = page.cursor
    if (!page.hasMore) return { rows, cursor: next }
  }
}
