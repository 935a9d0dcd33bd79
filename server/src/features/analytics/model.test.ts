import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  byId,
  chosen,
  comparedCalls,
  figuresOf,
  furtherOf,
  inBuckets,
  type CallFilter,
  type SentCall,
} from '../../../test/analytics/bruteForce.ts'
import { changeCalls, firstMs, pick, randomFrom, spanDays, type Random } from '../../../test/analytics/randomCalls.ts'
import { rebuildAllTotals } from '../../../test/analytics/rebuildAllTotals.ts'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'
import type { Ports } from '../../ports.ts'
import { addDays, periodOfDays, periodOfInstants, type Period } from '../../domain/period.ts'
import type { Parameters } from '../../store/clickhouse/clickhouse.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { rebuildDayTotals } from './rebuildDayTotals.ts'
import { sweepTotals } from './sweepTotals.ts'

let earshot: TestApp

beforeAll(async () => {
  earshot = await openTestApp()
})
afterAll(() => earshot.close())

const dayMs = 86_400_000
const zones = ['UTC', 'America/Santiago', 'Asia/Kathmandu', 'Pacific/Auckland', 'America/St_Johns', 'Pacific/Honolulu']

interface Asked {
  query: string
  period: Period
  filter: CallFilter
}

/** Days of some zone, or instants that lie anywhere or on a quarter of an hour. */
function randomQuestion(random: Random): Asked {
  const zone = pick(random, zones)
  const filter: CallFilter = pick(random, [
    {},
    {},
    { campaignId: ['c1', 'c3'] },
    { callCenterId: ['cc1'], engagementId: ['e2'] },
    { agentId: ['a1', 'a2'] },
    { channel: ['chat'], tag: ['a, b'] },
  ])
  const search = new URLSearchParams({ timezone: zone })
  // A value with a comma stands in quotes.
  for (const [name, values] of Object.entries(filter))
    for (const value of values) search.append(name, value.includes(',') ? `"${value}"` : value)
  if (random() < 0.6) {
    const firstDay = addDays('2026-03-28', Math.floor(random() * spanDays) - 1)
    const lastDay = addDays(firstDay, Math.floor(random() * spanDays))
    search.set('dateFrom', firstDay)
    search.set('dateTo', lastDay)
    return { query: search.toString(), period: periodOfDays(firstDay, lastDay, zone), filter }
  }
  const gridMs = pick(random, [1, 900_000, dayMs])
  const fromMs = Math.floor((firstMs + random() * spanDays * dayMs) / gridMs) * gridMs
  const toMs = fromMs + gridMs + Math.floor((random() * 4 * dayMs) / gridMs) * gridMs
  search.set('dateFrom', new Date(fromMs).toISOString())
  search.set('dateTo', new Date(toMs).toISOString())
  return { query: search.toString(), period: periodOfInstants(fromMs, toMs, zone), filter }
}

async function get(account: TestAccount, path: string) {
  const answer = await account.request('GET', `/v1/analytics/${path}`)
  expect(answer.status, answer.text).toBe(200)
  return answer.json
}

async function compare(account: TestAccount, calls: Map<string, SentCall>, random: Random): Promise<void> {
  const { query, period, filter } = randomQuestion(random)
  const of = chosen(calls.values(), period, filter)
  const { totalCalls: _calls, escalationRate: _escalation, resolutionRate: _resolution, ...summary } = figuresOf(of)
  expect(await get(account, `summary?${query}`), query).toMatchObject({
    ...summary,
    topCampaign: byId(of, 'campaignId')[0]?.[0] ?? null,
    topCallCenter: byId(of, 'callCenterId')[0]?.[0] ?? null,
  })
  for (const [path, id, name] of [
    ['campaigns', 'campaignId', 'campaignId'],
    ['call-centers', 'callCenterId', 'callCenterId'],
    ['executives', 'executiveId', 'agentId'],
  ] as const) {
    const rows = byId(of, name).map(([key, own]) => ({ [id]: key, name: key, ...figuresOf(own) }))
    expect((await get(account, `${path}?${query}`)).data, `${path} ${query}`).toEqual(rows)
  }
  for (const [published, granularity] of [
    ['daily', 'day'],
    ['weekly', 'week'],
    ['monthly', 'month'],
  ] as const) {
    const rows = inBuckets(of, period, granularity).map(([{ date }, own]) => ({ date, ...figuresOf(own) }))
    const answer = await get(account, `trends?granularity=${published}&${query}`)
    expect(answer.data, `${published} ${query}`).toEqual(rows)
  }
  const further = furtherOf(of)
  const answer = await get(account, `summary?${query}&metrics=${Object.keys(further).join(',')}`)
  expect(answer.metrics, query).toEqual(further)
}

/** The period before, beside whole months, other days, and periods that are not over yet. */
async function compareWithBefore(account: TestAccount, calls: Map<string, SentCall>, random: Random): Promise<void> {
  const zone = pick(random, zones)
  const firstDay = addDays('2026-04-01', Math.floor(random() * spanDays))
  const [from, to] = pick(random, [
    ['2026-04-01', '2026-04-30'],
    ['2026-05-01', '2026-05-31'],
    ['2026-05-01', '2026-06-30'],
    [firstDay, addDays(firstDay, Math.floor(random() * 6))],
    [firstDay, addDays(firstDay, 6)],
  ] as const)
  const period = periodOfDays(from, to, zone)
  const { ports } = earshot
  const { now } = ports
  const nowMs = pick(random, [now(), Math.floor(period.fromMs + random() * (period.toMs - period.fromMs))])
  const filter: CallFilter = pick(random, [{}, { campaignId: ['c1', 'c3'] }])
  const search = new URLSearchParams({ timezone: zone, dateFrom: from, dateTo: to, compare: 'previous' })
  for (const id of filter.campaignId ?? []) search.append('campaignId', id)
  const query = search.toString()
  const about = `${query} at ${new Date(nowMs).toISOString()}`
  ports.now = () => nowMs
  try {
    const summary = (await get(account, `summary?${query}&metrics=totalCalls`)).previous
    for (const [published, granularity] of [
      ['daily', 'day'],
      ['weekly', 'week'],
      ['monthly', 'month'],
    ] as const) {
      const expected = comparedCalls(calls.values(), { period, nowMs, filter }, granularity)
      const { data } = await get(account, `trends?granularity=${published}&${query}`)
      expect(data, about).toHaveLength(expected.length)
      for (const [index, { previous }] of data.entries()) {
        const own = expected[index] ?? []
        if (previous === null) expect(own, `${published} ${about} ${index}`).toEqual([])
        else expect(previous, `${published} ${about} ${index}`).toMatchObject(figuresOf(own))
      }
      expect(summary.metrics.totalCalls, about).toBe(expected.flat().length)
    }
    const all = comparedCalls(calls.values(), { period, nowMs, filter }, 'month').flat()
    const { totalCalls: _calls, escalationRate: _escalation, resolutionRate: _resolution, ...figures } = figuresOf(all)
    expect(summary, about).toMatchObject(figures)
    const counts = new Map(byId(all, 'agentId').map(([id, own]) => [id, own.length]))
    for (const { executiveId, previous } of (await get(account, `executives?${query}`)).data) {
      expect(previous.totalCalls, about).toBe(counts.get(executiveId) ?? 0)
    }
  } finally {
    ports.now = now
  }
}

/** Ends before the totals that were written are let out, as a process that is killed does. */
async function rebuildAndDie(ports: Ports): Promise<void> {
  const died = new Error('killed')
  const postgres = { ...ports.postgres, run: () => Promise.reject(died) }
  await rebuildDayTotals({ ...ports, postgres }, new Map()).catch((error: unknown) => {
    if (error !== died) throw error
  })
}

async function rebuildInSomeWay(accountId: number, random: Random): Promise<void> {
  const { ports } = earshot
  await ports.recordLog.flush(accountId)
  const how = random()
  if (how < 0.25) return
  if (how < 0.5) {
    await rebuildAndDie(ports)
    // The next process begins again, often before anything else has come.
    if (random() < 0.3) return
  }
  if (how < 0.75) {
    // Only what has been quiet since some batch.
    const row = await ports.postgres.first<{ batch: number }>(sql`
      SELECT last_batch AS batch
      FROM ingest_accounts
      WHERE account_id = ${accountId}`)
    return rebuildDayTotals(ports, new Map([[accountId, Math.floor((row?.batch ?? 0) * random())]]))
  }
  await rebuildDayTotals(ports, new Map())
}

test('every answer equals what the calls add up to, however many days are settled', async () => {
  for (const seed of [11, 12]) {
    const random = randomFrom(seed)
    const account = await earshot.account()
    const calls = new Map<string, SentCall>()
    for (let round = 0; round < 5; round++) {
      await changeCalls(account, calls, random)
      await rebuildInSomeWay(account.id, random)
      for (let asked = 0; asked < 2; asked++) await compare(account, calls, random)
      await compareWithBefore(account, calls, random)
    }
    await rebuildAllTotals(earshot.ports, account.id)
    for (let asked = 0; asked < 4; asked++) await compare(account, calls, random)
    for (let asked = 0; asked < 4; asked++) await compareWithBefore(account, calls, random)
  }
})

test('a call that leaves a settled day while an answer is put together is counted once', async () => {
  const { ports } = earshot
  const account = await earshot.account()
  const send = async (id: string, endedAt: string): Promise<void> => {
    const call = {
      id,
      channel: 'phone',
      status: 'completed',
      campaignId: 'c1',
      startedAt: '2026-03-01T00:00:00Z',
      endedAt,
    }
    const answer = await account.request('POST', '/v1/ingest/calls', call)
    expect(answer.status, answer.text).toBe(200)
  }
  const { clickhouse } = ports
  for (const timezone of ['UTC', 'America/Santiago']) {
    await send('stays', '2026-03-02T12:00:00Z')
    await send('moves', '2026-03-02T12:00:00Z')
    await rebuildAllTotals(ports, account.id)
    // Its day is behind, so that it is read from the calls.
    await send(`late-${timezone.slice(0, 3)}`, '2026-03-05T12:00:00Z')
    const there = timezone === 'UTC' ? 3 : 4
    let moved = 0
    ports.clickhouse = {
      ...clickhouse,
      async rows<Row extends object>(query: string, parameters?: Parameters) {
        if (query.includes('day_totals') && moved++ === 0) {
          await send('moves', '2026-03-05T12:00:00Z')
          await ports.recordLog.flush(account.id)
        }
        return clickhouse.rows<Row>(query, parameters)
      },
    }
    try {
      const { data } = await get(account, `trends?dateFrom=2026-03-01&dateTo=2026-03-12&timezone=${timezone}`)
      expect(moved).toBeGreaterThan(0)
      expect(data.map((row: { totalCalls: number }) => row.totalCalls)).toEqual([
        0,
        1,
        0,
        0,
        there - 1,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
      ])
    } finally {
      ports.clickhouse = clickhouse
    }
  }
})

test('a call that moves to a day without calls while an answer is put together is counted once', async () => {
  const { ports } = earshot
  const { clickhouse } = ports
  // Of the other days there are totals, or none is asked for.
  for (const [index, dateFrom] of ['2026-03-01', '2026-03-02'].entries()) {
    const account = await earshot.account()
    const send = async (id: string, endedAt: string): Promise<void> => {
      const call = { id, channel: 'phone', status: 'completed', startedAt: '2026-03-01T00:00:00Z', endedAt }
      expect((await account.request('POST', '/v1/ingest/calls', call)).status).toBe(200)
      await ports.recordLog.flush(account.id)
    }
    await send('stays', '2026-03-01T12:00:00Z')
    await rebuildAllTotals(ports, account.id)
    await send('moves', '2026-03-02T12:00:00Z')
    let moved = 0
    ports.clickhouse = {
      ...clickhouse,
      async rows<Row extends object>(query: string, parameters?: Parameters) {
        if (query.includes('FROM calls FINAL') && moved++ === 0) await send('moves', '2026-03-05T12:00:00Z')
        return clickhouse.rows<Row>(query, parameters)
      },
    }
    try {
      const { data } = await get(account, `trends?dateFrom=${dateFrom}&dateTo=2026-03-12`)
      expect(moved).toBeGreaterThan(0)
      const counts = data.map((row: { totalCalls: number }) => row.totalCalls)
      expect(counts).toEqual([1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0].slice(index))
    } finally {
      ports.clickhouse = clickhouse
    }
  }
})

test('totals that do not count are removed by the second sweep, and only they', async () => {
  const { ports } = earshot
  const account = await earshot.account()
  const calls = new Map<string, SentCall>()
  const random = randomFrom(5)
  for (let round = 0; round < 3; round++) {
    await changeCalls(account, calls, random)
    await rebuildAllTotals(ports, account.id)
  }
  await changeCalls(account, calls, random)
  await ports.recordLog.flush(account.id)
  await rebuildAndDie(ports)
  await rebuildAllTotals(ports, account.id)
  const stored = async () => {
    const rows = await ports.clickhouse.rows<{ day: number; version: number }>(
      'SELECT DISTINCT day, version FROM agent_totals WHERE account_id = {accountId:UInt32} ORDER BY day, version',
      { accountId: account.id },
    )
    return rows
  }
  const counted = await ports.postgres.query<{ day: number; version: number }>(sql`
    SELECT day, totals_version AS version
    FROM call_days
    WHERE account_id = ${account.id}
    ORDER BY day`)
  const before = await stored()
  expect(before.length).toBeGreaterThan(counted.length)
  const found = new Set<string>()
  await sweepTotals(ports, found)
  expect(await stored()).toEqual(before)
  await sweepTotals(ports, found)
  const left = await stored()
  expect(counted).toEqual(expect.arrayContaining(left))
  expect(left.length).toBeGreaterThan(0)
  expect(found.size).toBe(0)
  await compare(account, calls, random)
})

test('days of calls from before days were noted are looked up', async () => {
  const account = await earshot.account()
  const calls = new Map<string, SentCall>()
  const random = randomFrom(7)
  await changeCalls(account, calls, random)
  const { postgres } = earshot.ports
  await postgres.run(sql`DELETE FROM call_day_accounts WHERE account_id = ${account.id}`)
  await postgres.run(sql`DELETE FROM call_days WHERE account_id = ${account.id}`)
  await compare(account, calls, random)
  await rebuildAllTotals(earshot.ports, account.id)
  const noted = await postgres.query(sql`SELECT day FROM call_days WHERE account_id = ${account.id}`)
  expect(noted.length).toBeGreaterThan(spanDays / 2)
  for (let asked = 0; asked < 3; asked++) await compare(account, calls, random)
})
