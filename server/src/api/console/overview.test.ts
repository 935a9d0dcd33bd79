import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'

let earshot: TestApp
let account: TestAccount

const call = { channel: 'phone', status: 'completed', durationSeconds: 600 }

beforeAll(async () => {
  earshot = await openTestApp()
  account = await earshot.account({ timezone: 'America/Santiago' })
  const stored = await account.request('POST', '/v1/ingest/calls', [
    // On Saturday 2026-04-04 the clocks of Santiago went from 24:00 back to 23:00.
    { ...call, id: 'before', startedAt: '2026-04-05T02:30:00Z', language: 'es-CL', tags: ['vip', 'new, at once'] },
    { ...call, id: 'again', startedAt: '2026-04-05T03:30:00Z', language: 'es-CL', tags: ['vip'] },
    { ...call, id: 'after', startedAt: '2026-04-05T04:55:00Z', channel: 'chat', language: 'en' },
    { ...call, id: 'earlier', startedAt: '2026-03-30T11:00:00Z' },
    { ...call, id: 'gone', startedAt: '2026-04-05T05:30:00Z', language: 'fr', tags: ['gone'] },
  ])
  expect(stored.status).toBe(200)
  expect((await account.request('DELETE', '/v1/ingest/calls/gone')).status).toBeLessThan(300)
})

afterAll(() => earshot.close())

const heatMap = (query: string, by = account) =>
  by.request('GET', `/v1/console/heat-map?timezone=America/Santiago&dateFrom=2026-04-04&dateTo=2026-04-05${query}`)

test('calls are counted by the weekday and hour in which they began, on a clock of the zone', async () => {
  const answer = await heatMap('')
  expect(answer.status).toBe(200)
  expect(answer.json.data).toEqual([
    { weekday: 6, hour: 23, calls: 2 },
    { weekday: 7, hour: 0, calls: 1 },
  ])
})

test('the heat map takes the filters of the figures, and refuses values that there are not', async () => {
  expect((await heatMap('&channel=chat')).json.data).toEqual([{ weekday: 7, hour: 0, calls: 1 }])
  expect((await heatMap('&tag=%22new,%20at%20once%22')).json.data).toEqual([{ weekday: 6, hour: 23, calls: 1 }])
  expect((await heatMap('&channel=fax')).status).toBe(422)
})

test('languages and tags are told as they were sent, the most frequent first', async () => {
  const { json } = await account.request('GET', '/v1/console/words')
  expect(json).toEqual({ languages: ['es-CL', 'en'], tags: ['vip', 'new, at once'] })
})

test('another account sees nothing of it, and a key without the scope is refused', async () => {
  const other = await earshot.account()
  expect((await heatMap('', other)).json.data).toEqual([])
  expect((await other.request('GET', '/v1/console/words')).json).toEqual({ languages: [], tags: [] })
  const sender = await earshot.account({ scopes: ['ingest:write'] })
  expect((await heatMap('', sender)).status).toBe(403)
  expect((await sender.request('GET', '/v1/console/words')).status).toBe(403)
})
