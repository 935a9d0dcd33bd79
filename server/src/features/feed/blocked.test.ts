import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { ingest, numbersOf, phoneCall } from '../../../test/feedCalls.ts'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'
import { openLog } from '../../log.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { deleteOldPages } from './pageEnds.ts'
import { watchFeeds } from './watchFeeds.ts'

let earshot: TestApp
let account: TestAccount
let lines: string[]
let begunAt = 0
let offsetMs = 0

beforeAll(async () => {
  earshot = await openTestApp({ EARSHOT_FEED_BLOCKED_AFTER_SECONDS: '600' })
  const { ports } = earshot
  ports.now = () => begunAt + offsetMs
  ports.log = openLog({ logLevel: 'warn', logPretty: false }, { write: (line) => void lines.push(line) })
})
afterAll(() => earshot.close())
beforeEach(async () => {
  begunAt = Date.now()
  offsetMs = 0
  lines = []
  account = await earshot.account()
})

const minuteMs = 60_000
const blocked = () => account.request('GET', '/v1/admin/feed/blocked')
const release = (body: object, by = account) => by.request('POST', '/v1/admin/feed/release', body)
const feed = async () => numbersOf(await account.request('GET', '/v1/sa/call?consecutive=true'))

async function metric(): Promise<string[]> {
  const text = await (await fetch(`${earshot.url}/metrics`)).text()
  return text.split('\n').filter((line) => line.startsWith(`earshot_feed_blocked_seconds{account="${account.id}"`))
}

async function sendBlocked(): Promise<void> {
  await ingest(account, 'calls', [
    phoneCall('a'),
    phoneCall('stuck', { phase: 'STOPPED' }),
    phoneCall('c'),
    phoneCall('also-stuck', { phase: 'FETCHING' }),
  ])
}

describe('a call that keeps the feed waiting', () => {
  test('shows up, with its number, in the answer, the metrics and once an hour in the log', async () => {
    await sendBlocked()
    await watchFeeds(earshot.ports)
    expect((await blocked()).json).toEqual({ blockedAfterSeconds: 600, data: [] })
    expect([await metric(), lines]).toEqual([[], []])

    offsetMs = 11 * minuteMs
    await watchFeeds(earshot.ports)
    const { json } = await blocked()
    expect(json.data.map((call: { number: number }) => call.number)).toEqual([2, 4])
    expect(json.data[0]).toMatchObject({ id: 'stuck', phase: 'STOPPED', status: 'completed' })
    const waitedSeconds = Math.floor((earshot.ports.now() - Date.parse(json.data[0].updatedAt)) / 1000)
    expect(json.data[0].waitingSeconds).toBe(waitedSeconds)
    const [line = ''] = await metric()
    expect(line).toBe(`earshot_feed_blocked_seconds{account="${account.id}",call="2"} ${waitedSeconds}`)
    expect(lines.map((text) => JSON.parse(text))).toMatchObject([
      { accountId: account.id, callNumber: 2, msg: 'the call feed waits for a call that does not change' },
    ])
    expect(lines.join('')).not.toContain('stuck')

    offsetMs = 40 * minuteMs
    await watchFeeds(earshot.ports)
    expect(lines).toHaveLength(1)
    offsetMs = 72 * minuteMs
    await watchFeeds(earshot.ports)
    expect(lines).toHaveLength(2)
  })

  test('is out of all of them as soon as it finishes, and the next one comes in', async () => {
    await sendBlocked()
    offsetMs = 11 * minuteMs
    await watchFeeds(earshot.ports)
    await ingest(account, 'calls', [{ id: 'stuck', phase: 'DONE' }])
    await watchFeeds(earshot.ports)
    expect(await metric()).toEqual([expect.stringContaining('call="4"')])
    expect((await blocked()).json.data).toHaveLength(1)
    expect(lines).toHaveLength(2)
    await ingest(account, 'calls', [{ id: 'also-stuck', phase: 'DONE' }])
    await watchFeeds(earshot.ports)
    expect([await metric(), (await blocked()).json.data]).toEqual([[], []])
  })

  test('waits since its last change', async () => {
    await sendBlocked()
    offsetMs = 11 * minuteMs
    const before = (await blocked()).json.data
    await ingest(account, 'calls', [{ id: 'stuck', notes: 'still at it' }])
    await watchFeeds(earshot.ports)
    const after = (await blocked()).json.data
    const record = await account.request('GET', '/v1/records/calls/stuck')
    expect(after[0].updatedAt).toBe(record.json.data.updatedAt)
    expect(Date.parse(after[0].updatedAt)).toBeGreaterThan(Date.parse(before[0].updatedAt))
    expect(after[1].updatedAt).toBe(before[1].updatedAt)
    const [wait] = await earshot.ports.postgres.query<{ since: Date }>(sql`
      SELECT since
      FROM feed_waits
      WHERE account_id = ${account.id}`)
    expect(wait?.since.toISOString()).toBe(after[0].updatedAt)
  })
})

describe('releasing it', () => {
  test('by number or id makes it ERROR, lets the feed go on, and is written down', async () => {
    await sendBlocked()
    expect(await feed()).toEqual([1])
    const byNumber = await release({ number: 2 })
    expect([byNumber.status, byNumber.json]).toEqual([
      200,
      { data: { number: 2, id: 'stuck', phase: 'ERROR', phaseBefore: 'STOPPED' } },
    ])
    expect(await feed()).toEqual([1, 2, 3])
    expect((await release({ id: 'also-stuck' })).json.data.number).toBe(4)
    expect(await feed()).toEqual([1, 2, 3, 4])
    const events = await earshot.ports.postgres.query(sql`
      SELECT actor, action, subject, details
      FROM audit_events
      WHERE account_id = ${account.id}
        AND action = 'feed.released'
      ORDER BY id`)
    expect(events).toEqual([
      {
        actor: expect.stringMatching(/^key:/),
        action: 'feed.released',
        subject: 'call:2',
        details: { phase: 'STOPPED' },
      },
      {
        actor: expect.stringMatching(/^key:/),
        action: 'feed.released',
        subject: 'call:4',
        details: { phase: 'FETCHING' },
      },
    ])
  })

  test('is refused for finished calls, unknown ones and those of others, and needs the scope', async () => {
    await sendBlocked()
    const others = await earshot.account()
    expect((await release({ number: 1 })).status).toBe(409)
    expect((await release({ id: 'a' })).status).toBe(409)
    expect((await release({ number: 99 })).status).toBe(404)
    expect((await release({ id: 'nobody' })).status).toBe(404)
    expect((await release({ number: 2 }, others)).status).toBe(404)
    expect((await release({})).status).toBe(422)
    expect((await release({ number: 2, id: 'stuck' })).status).toBe(422)
    const reader = await earshot.account({ scopes: ['calls:read'] })
    expect((await release({ number: 2 }, reader)).status).toBe(403)
    expect((await reader.request('GET', '/v1/admin/feed/blocked')).status).toBe(403)
    expect(await feed()).toEqual([1])
  })
})

test('where pages ended is forgotten after a day', async () => {
  await sendBlocked()
  await account.request('GET', '/v1/sa/call')
  const count = async () =>
    (await earshot.ports.postgres.query<{ count: number }>(sql`SELECT count(*) AS count FROM feed_pages`))[0]?.count
  await deleteOldPages(earshot.ports)
  expect(await count()).toBeGreaterThan(0)
  // A page has the time of the database's clock, which goes on.
  offsetMs = 25 * 60 * minuteMs
  await deleteOldPages(earshot.ports)
  expect(await count()).toBe(0)
})
