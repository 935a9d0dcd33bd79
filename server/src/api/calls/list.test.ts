import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'
import { sql } from '../../store/postgres/postgres.ts'

let earshot: TestApp
let account: TestAccount

beforeAll(async () => {
  earshot = await openTestApp()
})
afterAll(() => earshot.close())
beforeEach(async () => {
  account = await earshot.account()
})

async function ingest(collection: string, records: unknown, of = account): Promise<void> {
  const answer = await of.request('POST', `/v1/ingest/${collection}`, records)
  expect(answer.status, answer.text.slice(0, 500)).toBe(200)
}

async function list(query: string, of = account) {
  const answer = await of.request('GET', `/api/v1/calls?${query}`)
  expect(answer.status, answer.text).toBe(200)
  return answer.json
}

const idsOf = (page: { data: { id: string }[] }) => page.data.map((item) => item.id)
const ids = async (query: string, of = account) => idsOf(await list(query, of))

const call = (id: string, more: object = {}) => ({
  id,
  channel: 'phone',
  status: 'completed',
  startedAt: '2026-05-03T14:00:00Z',
  durationSeconds: 60,
  ...more,
})

/** Calls with few different starts and durations, so that most of them tie; every fifth is active. */
const tied = Array.from({ length: 60 }, (_, index) => ({
  ...call(`c${String(index).padStart(2, '0')}`),
  status: index % 5 === 0 ? 'active' : 'completed',
  startedAt: new Date(Date.UTC(2026, 4, 3) + ((index * 7) % 4) * 1000).toISOString(),
  durationSeconds: (index * 3) % 4,
}))

/** What the order should be: the key, none last, then the number, which here is the index. */
function expected(sortBy: string, direction: 'asc' | 'desc'): string[] {
  const sign = direction === 'asc' ? 1 : -1
  const keyed = tied.map(({ id, status, startedAt, durationSeconds }, index) => ({
    id,
    index,
    key: sortBy === 'started_at' ? Date.parse(startedAt) : status === 'active' ? null : durationSeconds,
  }))
  return keyed
    .toSorted((left, right) => {
      if (left.key === null || right.key === null) {
        return Number(left.key === null) - Number(right.key === null) || sign * (left.index - right.index)
      }
      return sign * (left.key - right.key || left.index - right.index)
    })
    .map(({ id }) => id)
}

const orders = ['started_at', 'duration_seconds'].flatMap((by) => [[by, 'asc'] as const, [by, 'desc'] as const])

describe('pages by offset', () => {
  test.each(orders)('by %s %s neither repeat nor skip where keys tie', async (by, direction) => {
    await ingest('calls', tied)
    const seen: string[] = []
    for (let offset = 0; ; offset += 7) {
      const page = await list(`sort_by=${by}&sort_order=${direction}&limit=7&offset=${offset}`)
      expect(page).toMatchObject({ total: 60, limit: 7, offset })
      expect(Object.keys(page)).toEqual(['data', 'total', 'limit', 'offset'])
      if (page.data.length === 0) break
      seen.push(...idsOf(page))
    }
    expect(seen).toEqual(expected(by, direction))
  })

  test('are the newest twenty first unless asked otherwise', async () => {
    await ingest('calls', tied)
    const page = await list('')
    expect(page).toMatchObject({ total: 60, limit: 20, offset: 0 })
    expect(idsOf(page)).toEqual(expected('started_at', 'desc').slice(0, 20))
  })

  test('beyond the end are empty', async () => {
    await ingest('calls', tied)
    expect(await list('offset=60')).toEqual({ data: [], total: 60, limit: 20, offset: 60 })
    expect(await list('offset=9007199254740991')).toMatchObject({ data: [], total: 60 })
  })

  test('hold the right calls also where starts do not follow numbers, and numbers lie far apart', async () => {
    const startOf = (index: number) => Date.UTC(2026, 0, 1) + ((index * 7919) % 300) * 60_000
    await earshot.ports.clickhouse.command(
      `INSERT INTO calls (account_id, number, id, channel, status, started_at, duration_seconds, batch)
       SELECT {account:UInt32}, 1 + number * 1000, concat('far', toString(number)), 'phone', 'completed',
         fromUnixTimestamp64Milli(toInt64({first:Int64} + number * 7919 % 300 * 60000), 'UTC'), 1, 1
       FROM numbers(300)`,
      { account: account.id, first: Date.UTC(2026, 0, 1) },
    )
    await earshot.ports.postgres.run(sql`
      INSERT INTO ingest_accounts (account_id, last_batch, last_seq, last_number)
      VALUES (${account.id}, 1, 300000, 300000)`)
    const newestFirst = Array.from({ length: 300 }, (_, index) => index)
      .toSorted((left, right) => startOf(right) - startOf(left))
      .map((index) => `far${index}`)
    expect(await ids('limit=30')).toEqual(newestFirst.slice(0, 30))
    expect(await ids('limit=30&offset=200')).toEqual(newestFirst.slice(200, 230))
    expect(await ids('limit=30&sort_order=asc')).toEqual(newestFirst.toReversed().slice(0, 30))
    for (const [query, order] of [
      ['sort_by=started_at', newestFirst],
      ['sort_by=started_at&sort_order=asc', newestFirst.toReversed()],
      ['', Array.from({ length: 300 }, (_, index) => `far${299 - index}`)],
      ['sort_order=asc', Array.from({ length: 300 }, (_, index) => `far${index}`)],
    ] as const) {
      expect(await walk(query, 100)).toEqual(order)
    }
  })
})

/** All ids that a walk by cursor gives; `between` runs after each page. */
async function walk(query: string, limit = 7, between?: (seen: string[]) => Promise<void>): Promise<string[]> {
  const seen: string[] = []
  let cursor: string | null = 'start'
  while (cursor !== null) {
    const page: { data: { id: string }[]; next_cursor: string | null } = await list(
      `${query}&limit=${limit}&cursor=${cursor}`,
    )
    expect(page.data.length).toBeLessThanOrEqual(limit)
    seen.push(...idsOf(page))
    cursor = page.next_cursor
    await between?.(seen)
  }
  return seen
}

describe('walks by cursor', () => {
  test.each(orders)('by %s %s give every call once, in that order', async (by, direction) => {
    await ingest('calls', tied)
    expect(await walk(`sort_by=${by}&sort_order=${direction}`)).toEqual(expected(by, direction))
    expect(await walk(`sort_by=${by}&sort_order=${direction}`, 60)).toHaveLength(60)
  })

  test('take an empty cursor for the beginning, and tell the end', async () => {
    await ingest('calls', [call('a'), call('b')])
    expect(await list('cursor=')).toMatchObject({ next_cursor: null, total: 2, offset: 0 })
    expect(await list('cursor=&limit=2')).toMatchObject({ next_cursor: null })
    expect((await list('cursor=&limit=1')).next_cursor).toEqual(expect.any(String))
  })

  test.each(['desc', 'asc'])('%s give every call once while others come, change and go', async (direction) => {
    await ingest('calls', tied)
    const deleted = new Set<string>()
    let round = 0
    const seen = await walk(`sort_order=${direction}`, 7, async (seen) => {
      round++
      const unseen = tied.map(({ id }) => id).filter((id) => !seen.includes(id) && !deleted.has(id))
      if (round <= 4) await ingest('calls', call(`new${round}`, { startedAt: '2026-05-02T00:00:00Z' }))
      // What was seen and what was not change places in time.
      const moved = [seen.at(-1), unseen.at(-1)].filter((id) => id !== undefined && !deleted.has(id))
      await ingest(
        'calls',
        moved.map((id, index) => ({ id, startedAt: `2026-0${4 + index * 2}-01T00:00:00Z`, status: 'failed' })),
      )
      for (const id of [seen.at(-2), unseen.at(-3)]) {
        if (id === undefined || deleted.has(id) || id.startsWith('new')) continue
        deleted.add(id)
        await account.request('DELETE', `/v1/ingest/calls/${id}`)
      }
    })
    expect(new Set(seen).size).toBe(seen.length)
    const stayed = tied.map(({ id }) => id).filter((id) => !deleted.has(id))
    expect(deleted.size).toBeGreaterThan(4)
    expect(seen).toEqual(expect.arrayContaining(stayed))
    expect(seen.includes('new4')).toBe(direction === 'asc')
  })

  test('take only cursors that were given out, to this account and for this order', async () => {
    await ingest('calls', tied)
    const { next_cursor: cursor } = await list('cursor=start')
    const other = await earshot.account()
    const refused = async (query: string, of = account) => {
      const answer = await of.request('GET', `/api/v1/calls?${query}`)
      return [answer.status, answer.json.details?.[0]?.field]
    }
    const [text, signature] = cursor.split('.')
    const altered = Buffer.from(text, 'base64url').toString().replace('desc', 'asc')
    expect(await refused(`cursor=${Buffer.from(altered).toString('base64url')}.${signature}`)).toEqual([422, 'cursor'])
    expect(await refused(`cursor=${cursor}x`)).toEqual([422, 'cursor'])
    expect(await refused(`cursor=${text}`)).toEqual([422, 'cursor'])
    expect(await refused(`cursor=${cursor}`, other)).toEqual([422, 'cursor'])
    expect(await refused(`cursor=${cursor}&sort_by=started_at`)).toEqual([422, 'sort_by'])
    expect(await refused(`cursor=${cursor}&sort_order=asc`)).toEqual([422, 'sort_order'])
    expect((await list(`cursor=${cursor}&sort_order=desc`)).data).toHaveLength(20)
  })
})

describe('filters', () => {
  const various = [
    call('phone', { agentId: 'ana', campaignId: 'spring' }),
    call('mobile', { channel: 'mobile', status: 'failed', agentId: 'ana', campaignId: 'autumn' }),
    call('widget', { channel: 'widget', status: 'escalated', agentId: 'eva', startedAt: '2026-05-04T03:59:59.999Z' }),
    call('active', { status: 'active', startedAt: '2026-05-04T04:00:00Z' }),
    call('early', { startedAt: '2026-05-03T03:59:59Z', status: 'abandoned' }),
  ]

  test.each([
    ['status=failed', ['mobile']],
    ['status=failed&status=active', ['active', 'mobile']],
    ['status=failed,active', ['active', 'mobile']],
    ['status=', ['active', 'widget', 'mobile', 'phone', 'early']],
    ['channel=mobile,widget', ['widget', 'mobile']],
    ['channel=phone&status=completed', ['phone']],
    ['agent_id=ana', ['mobile', 'phone']],
    ['agent_id=ana&campaign_id=spring', ['phone']],
    ['campaign_id=winter', []],
    // The account is in Santiago, four hours behind: its days begin at 04:00 UTC.
    ['from=2026-05-03&to=2026-05-03', ['widget', 'mobile', 'phone']],
    ['from=2026-05-04', ['active']],
    ['to=2026-05-02', ['early']],
    ['from=2026-05-03T14:00:00Z&to=2026-05-04T04:00:00Z', ['widget', 'mobile', 'phone']],
    ['from=2026-05-03T10:00:00.001', ['active', 'widget']],
    ['from=2026-05-03T10:00:00-04:00&to=2525-01-01T00:00:00Z', ['active', 'widget', 'mobile', 'phone']],
  ])('%s', async (query, wanted) => {
    const santiago = await earshot.account({ timezone: 'America/Santiago' })
    await ingest('calls', various, santiago)
    const page = await list(query, santiago)
    expect(idsOf(page)).toEqual(wanted)
    expect(page.total).toBe(wanted.length)
  })

  test('count anew when calls come, change and go', async () => {
    await ingest('calls', [call('a'), call('b')])
    expect(await list('status=completed')).toMatchObject({ total: 2 })
    await ingest('calls', { id: 'b', status: 'failed' })
    expect(await list('status=completed')).toMatchObject({ total: 1 })
    await ingest('calls', [call('c'), call('d')])
    expect(await list('status=completed')).toMatchObject({ total: 3 })
    await account.request('DELETE', '/v1/ingest/calls/a')
    expect(await list('status=completed')).toMatchObject({ total: 2 })
    expect(await list('')).toMatchObject({ total: 3 })
  })
})
