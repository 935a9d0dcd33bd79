import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestApp, type TestApp } from '../../../test/testApp.ts'

let earshot: TestApp

beforeAll(async () => {
  earshot = await openTestApp()
})
afterAll(() => earshot.close())

const path = '/v1/admin/ingestion'
const hourMs = 3_600_000

test('what came in counts once, for a day, and for its account alone', async () => {
  const account = await earshot.account()
  const other = await earshot.account()
  const send = async (collection: string, records: unknown) =>
    expect((await account.request('POST', `/v1/ingest/${collection}`, records)).status).toBe(200)
  const ask = async (by = account) => (await by.request('GET', path)).json
  expect((await ask()).data).toEqual([])

  const call = { channel: 'phone', status: 'completed', startedAt: '2026-05-03T09:00:00Z', durationSeconds: 60 }
  await send(
    'calls',
    [1, 2, 3].map((number) => ({ ...call, id: `call-${number}` })),
  )
  await send('agents', { id: 'a1', name: 'Ana' })
  await send('calls', { id: 'call-3', notes: 'Again.' })
  expect((await account.request('DELETE', '/v1/ingest/calls/call-1')).status).toBe(200)

  const { from, to, data } = await ask()
  expect(Date.parse(to) - Date.parse(from)).toBe(24 * hourMs)
  const counts = data.map((entry: { collection: string; records: number }) => [entry.collection, entry.records])
  expect(counts).toEqual([
    ['agents', 1],
    ['calls', 2],
  ])
  for (const { records, lastAt, hours } of data) {
    expect(Date.parse(to) - Date.parse(lastAt)).toBeLessThan(hourMs / 2)
    expect(hours.map((hour: { startsAt: string }) => hour.startsAt.slice(13))).toContain(':00:00.000Z')
    expect(hours.reduce((sum: number, hour: { records: number }) => sum + hour.records, 0)).toBe(records)
  }
  expect((await ask(other)).data).toEqual([])

  const { now } = earshot.ports
  earshot.ports.now = () => now() + 25 * hourMs
  try {
    expect((await ask()).data).toEqual([])
  } finally {
    earshot.ports.now = now
  }
})

test('only an administrator sees it', async () => {
  const reader = await earshot.account({ scopes: ['calls:read', 'ingest:write'] })
  expect((await reader.request('GET', path)).status).toBe(403)
})
