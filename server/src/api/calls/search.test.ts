import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'
import { conditionOf } from '../../features/calls/callFilter.ts'

let earshot: TestApp
let account: TestAccount

const call = (id: string, more: object = {}) => ({
  id,
  channel: 'phone',
  status: 'completed',
  startedAt: '2026-05-03T14:00:00Z',
  durationSeconds: 60,
  ...more,
})
const turn = (id: string, callId: string, text: string) => ({
  id,
  callId,
  participant: 'customer',
  at: '2026-05-03T14:00:05Z',
  text,
})

beforeAll(async () => {
  earshot = await openTestApp()
  account = await earshot.account()
  await ingest('calls', [
    call('vpn', { externalEndpoint: '+33612345678', notes: 'Redes; señal débil' }),
    call('bill', { externalEndpoint: '+56987651234', requesterName: 'José Núñez', identity: '12.345.678-9' }),
    call('mail', { externalEndpoint: 'eva@example.com', notes: 'Reset of the router' }),
  ])
  await ingest('turns', [
    turn('1', 'vpn', '¿Qué pasa con mi VPN? No conecta…'),
    turn('2', 'vpn', 'Desde ayer, «siempre» por la mañana'),
    turn('3', 'bill', 'La boleta😀de mayo subió 20€، más'),
    turn('4', 'mail', 'Переустановить роутер'),
    turn('5', 'unknown', 'boleta'),
  ])
})
afterAll(() => earshot.close())

async function ingest(collection: string, records: unknown, of = account): Promise<void> {
  const answer = await of.request('POST', `/v1/ingest/${collection}`, records)
  expect(answer.status, answer.text.slice(0, 500)).toBe(200)
}

async function search(text: string, of = account, more = ''): Promise<string[]> {
  const answer = await of.request('GET', `/api/v1/calls?q=${encodeURIComponent(text)}${more}`)
  expect(answer.status, answer.text).toBe(200)
  expect(answer.json.total).toBe(answer.json.data.length)
  return answer.json.data.map((item: { id: string }) => item.id).toSorted()
}

const searches: [text: string, found: string[]][] = [
  ['vpn', ['vpn']],
  ['Que', ['vpn']],
  ['MAÑANA', ['vpn']],
  ['manana', ['vpn']],
  ['siempre', ['vpn']],
  ['conecta', ['vpn']],
  // One word in a turn, the other in the notes, a third in another turn.
  ['vpn senal ayer', ['vpn']],
  ['vpn router', []],
  ['20', ['bill']],
  ['jose nunez', ['bill']],
  ['12.345.678-9', ['bill']],
  ['роутер', ['mail']],
  ['eva@example.com', ['mail']],
  ['¡boleta!', ['bill']],
  ['20 mayo mas', ['bill']],
  ['bole', []],
  // The caller's number: whole, written with spaces, and a part of it; three digits are a word and no part.
  ['+33612345678', ['vpn']],
  ['33 6 12 34 56 78', ['vpn']],
  ['6123', ['vpn']],
  ['5678', ['vpn']],
  ['(+56) 9 8765-1234', ['bill']],
  ['612', []],
  ['boleta 8765', ['bill']],
]

describe.each(['fresh parts', 'merged parts'])('a search through %s', (parts) => {
  beforeAll(async () => {
    if (parts === 'fresh parts') return
    for (const table of ['calls', 'turns'])
      await earshot.ports.clickhouse.command(`OPTIMIZE TABLE ${table} FINAL`, {}, { onEveryNode: true })
  })

  test.each(searches)('for %j', async (text, found) => {
    expect(await search(text)).toEqual(found)
  })

  test('finds nothing of another account', async () => {
    expect(await search('vpn', await earshot.account())).toEqual([])
  })

  test('goes together with filters and orders', async () => {
    expect(await search('router', account, '&channel=phone&sort_by=duration_seconds&from=2026-05-03')).toEqual(['mail'])
    expect(await search('router', account, '&channel=chat')).toEqual([])
  })
})

test('a search sees what stands, not what stood', async () => {
  const own = await earshot.account()
  await ingest('calls', [call('a', { notes: 'first words' }), call('b')], own)
  await ingest('turns', [turn('1', 'b', 'first words'), turn('2', 'b', 'other')], own)
  for (const table of ['calls', 'turns'])
    await earshot.ports.clickhouse.command(`OPTIMIZE TABLE ${table} FINAL`, {}, { onEveryNode: true })
  expect(await search('first', own)).toEqual(['a', 'b'])
  await ingest('calls', { id: 'a', notes: 'second thoughts' }, own)
  await ingest('turns', { id: '1', callId: 'b', text: 'second thoughts' }, own)
  expect(await search('first', own)).toEqual([])
  expect(await search('thoughts', own)).toEqual(['a', 'b'])
  await account.request('DELETE', '/v1/ingest/calls/a')
  await own.request('DELETE', '/v1/ingest/turns/1')
  expect(await search('thoughts', own)).toEqual(['a'])
  await own.request('DELETE', '/v1/ingest/calls/a')
  expect(await search('thoughts', own)).toEqual([])
})

// A cluster's plan does not show what its shards do.
test.skipIf(inject('clusterUrls'))('every part of a search is looked up in an index', async () => {
  for (const table of ['calls', 'turns'])
    await earshot.ports.clickhouse.command(`OPTIMIZE TABLE ${table} FINAL`, {}, { onEveryNode: true })
  const filter = { statuses: [], channels: [], campaignIds: [], agentIds: [], text: 'vpn 6123' }
  const { sql, parameters } = conditionOf(account.id, 1000, filter, { fromMs: undefined, toMs: undefined })
  const plan = await earshot.ports.clickhouse.rows<{ explain: string }>(
    `EXPLAIN indexes = 1 SELECT count() FROM calls FINAL WHERE ${sql}`,
    parameters,
  )
  const text = plan.map(({ explain }) => explain).join('\n')
  for (const index of ['call_words', 'caller_parts', 'turn_words']) expect(text).toContain(`Name: ${index}`)
})
