import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'
import { openPorts } from '../../compose.ts'
import { systemContext } from '../../context.ts'
import { deleteOldFaults } from '../../features/ingest/faultCounts.ts'
import { listFaults } from '../../features/ingest/listFaults.ts'
import { issueKey } from '../../features/keys/issueKey.ts'
import { closeServer } from '../http/server.ts'

let earshot: TestApp
let first: TestAccount

beforeAll(async () => {
  earshot = await openTestApp(
    { EARSHOT_INGEST_MAX_RECORDS: '1000', EARSHOT_INGEST_MAX_BYTES: '200000' },
    { isAlone: true },
  )
  first = await earshot.account()
})
afterAll(() => earshot.close())

const path = '/v1/admin/ingestion/faults'
const dayMs = 86_400_000
const call = { channel: 'phone', status: 'completed', startedAt: '2026-05-03T09:00:00Z', durationSeconds: 60 }

interface Fault {
  source: { kind: string; id: string; name: string; prefix: string | null }
  path: string
  collection: string | null
  code: string
  field: string | null
  message: string
  counts: string
  refused: number
  lastAt: string
}

async function faultsOf(account: TestAccount, query = ''): Promise<Fault[]> {
  const answer = await account.request('GET', path + query)
  expect(answer.status).toBe(200)
  return answer.json.data
}

const brief = ({ path: place, code, field, counts, refused }: Fault) => [place, code, field, counts, refused]

const sorted = <Row>(rows: Row[]): Row[] => rows.toSorted((a, b) => (String(a) < String(b) ? -1 : 1))

test('every record that broke a rule counts, however few of them an answer lists', async () => {
  const account = await earshot.account()
  expect(await faultsOf(account)).toEqual([])
  const records = Array.from({ length: 150 }, (_, index) => ({ ...call, id: `c${index}`, channel: 'fax', agnet: 'x' }))
  expect((await account.request('POST', '/v1/ingest/calls', records)).status).toBe(422)
  const skipped = await account.request('POST', '/v1/ingest/calls?onError=skip', [
    { ...call, id: 'good' },
    { id: 'bad' },
    { ...call, id: 'late', endedAt: '2026-05-03T08:00:00Z' },
  ])
  expect(skipped.json.data).toMatchObject({ accepted: 1, rejected: 2 })
  expect(Object.keys(skipped.json.data)).not.toContain('refusals')

  const faults = await faultsOf(account)
  expect(sorted(faults.map(brief))).toEqual([
    ['POST /v1/ingest/calls', 'VALIDATION_ERROR', 'agnet', 'records', 150],
    ['POST /v1/ingest/calls', 'VALIDATION_ERROR', 'channel', 'records', 1],
    ['POST /v1/ingest/calls', 'VALIDATION_ERROR', 'channel', 'records', 150],
    ['POST /v1/ingest/calls', 'VALIDATION_ERROR', 'endedAt', 'records', 1],
  ])
  expect(faults.find(({ field, refused }) => field === 'channel' && refused === 150)?.message).toContain('one of phone')
})

test('requests that are refused whole count, each under its code and path', async () => {
  const account = await earshot.account()
  const send = async (method: string, to: string, body?: unknown, headers?: Record<string, string>) =>
    (await account.request(method, `/v1/ingest/${to}`, body, headers)).status
  const json = { 'Content-Type': 'application/json' }
  expect(await send('POST', 'calls', '{"id":', json)).toBe(400)
  expect(await send('POST', 'calls', '{"id":', json)).toBe(400)
  expect(await send('POST', 'calls', 'x', { ...json, 'Content-Encoding': 'gzip' })).toBe(400)
  expect(await send('POST', 'calls', Buffer.alloc(200_001, 32), json)).toBe(413)
  expect(
    await send('POST', 'calls', gzipSync(Buffer.alloc(200_001, 32)), { ...json, 'Content-Encoding': 'gzip' }),
  ).toBe(413)
  expect(await send('POST', 'calls', 'id;name', { 'Content-Type': 'text/csv' })).toBe(415)
  expect(await send('POST', 'calls?onError=perhaps', {})).toBe(422)
  expect(await send('POST', 'sales', {})).toBe(404)
  expect(await send('DELETE', 'agents/nobody')).toBe(404)
  expect(await send('PUT', 'calls/none/recording', 'x', { 'Content-Type': 'audio/ogg' })).toBe(404)
  expect(
    await send('PUT', 'calls/c1/turns', [{ id: 't1', callId: 'c2', participant: 'agent', at: call.startedAt }]),
  ).toBe(422)
  expect(await send('POST', 'calls', { ...call, id: 'c1' }, { 'Idempotency-Key': 'k'.repeat(256) })).toBe(400)
  expect(sorted((await faultsOf(account)).map(brief))).toEqual([
    ['DELETE /v1/ingest/agents/{id}', 'RESOURCE_NOT_FOUND', null, 'requests', 1],
    ['POST /v1/ingest/calls', 'BAD_REQUEST', null, 'requests', 1],
    ['POST /v1/ingest/calls', 'BAD_REQUEST', null, 'requests', 1],
    ['POST /v1/ingest/calls', 'BAD_REQUEST', null, 'requests', 2],
    ['POST /v1/ingest/calls', 'PAYLOAD_TOO_LARGE', null, 'requests', 2],
    ['POST /v1/ingest/calls', 'UNSUPPORTED_MEDIA_TYPE', null, 'requests', 1],
    ['POST /v1/ingest/calls', 'VALIDATION_ERROR', null, 'requests', 1],
    ['POST /v1/ingest/{collection}', 'RESOURCE_NOT_FOUND', null, 'requests', 1],
    ['PUT /v1/ingest/calls/{id}/recording', 'RESOURCE_NOT_FOUND', null, 'requests', 1],
    ['PUT /v1/ingest/calls/{id}/turns', 'VALIDATION_ERROR', 'callId', 'records', 1],
  ])
})

test('keys are told apart, one without the scope too, and accounts never meet', async () => {
  const account = await earshot.account()
  const other = await earshot.account()
  const name = `account ${account.id}`
  const keys = await Promise.all([
    issueKey(earshot.ports, { account: name, scopes: ['ingest:write'], name: 'Nightly load' }),
    issueKey(earshot.ports, { account: name, scopes: ['calls:read'], name: 'Reader' }),
  ])
  for (const { apiKey } of keys)
    await account.request('POST', '/v1/ingest/agents', { id: 'a 1' }, { 'X-Api-Key': apiKey })
  await other.request('POST', '/v1/ingest/queues', [{}, {}])
  const seen = (await faultsOf(account)).map(({ source, code, collection }) => [
    source.name,
    source.prefix,
    code,
    collection,
  ])
  expect(sorted(seen)).toEqual([
    ['Nightly load', keys[0]?.prefix, 'VALIDATION_ERROR', 'agents'],
    ['Reader', keys[1]?.prefix, 'INSUFFICIENT_SCOPE', 'agents'],
  ])
  expect((await faultsOf(other)).map(brief)).toEqual([
    ['POST /v1/ingest/queues', 'VALIDATION_ERROR', 'id', 'records', 2],
  ])
  const nobody = await fetch(`${earshot.url}/v1/ingest/agents`, {
    method: 'POST',
    headers: { 'X-Api-Key': 'ak_live_x' },
  })
  expect(nobody.status).toBe(401)
  expect(await faultsOf(account)).toHaveLength(2)
})

test('a dry run, and a repeated request that was answered before, refuse nothing', async () => {
  const account = await earshot.account()
  const send = (query: string, key: string) =>
    account.request('POST', `/v1/ingest/agents?${query}`, [{ id: 'a1', name: 'Ana' }, { id: 'a2' }], {
      'Idempotency-Key': key,
    })
  expect((await send('dryRun=true', 'one')).status).toBe(422)
  expect((await send('dryRun=true&onError=skip', 'two')).status).toBe(200)
  expect(await faultsOf(account)).toEqual([])
  const first = await send('onError=skip', 'three')
  expect((await send('onError=skip', 'three')).json).toEqual(first.json)
  expect((await faultsOf(account)).map(brief)).toEqual([
    ['POST /v1/ingest/agents', 'VALIDATION_ERROR', 'name', 'records', 1],
  ])
})

test('nothing that was sent shows in the list', async () => {
  const account = await earshot.account()
  const said = 'ana.soto-12345678'
  const send = (method: string, to: string, body?: unknown, headers?: Record<string, string>) =>
    account.request(method, `/v1/ingest/${to}`, body, headers)
  const long = Array.from({ length: 1001 }, () => said)
  for (const wrong of [
    { [said]: 1 },
    { id: `${said} x` },
    { status: said },
    { startedAt: said },
    { tags: [said, { [said]: said }] },
    { tags: long },
    { wordCloud: [{ phrase: said, freq: 1, [said]: said }] },
    { attributes: { [said]: said } },
    { attributes: { ana: { [said]: said } } },
    { attributes: Object.fromEntries(long.slice(0, 101).map((_, index) => [`soto_${index}`, said])) },
    { revision: said },
    said,
  ]) {
    const record = typeof wrong === 'object' ? { ...call, id: 'c1', ...wrong } : wrong
    expect((await send('POST', 'calls', JSON.stringify(record), { 'Content-Type': 'application/json' })).status).toBe(
      422,
    )
  }
  await send('POST', 'calls', { ...call, id: said })
  await send('POST', 'turns', { id: said, callId: said, participant: 'agent', at: call.startedAt })
  for (const [method, to, body, headers] of [
    ['POST', 'turns', { id: said, callId: 'another', text: said }, {}],
    ['PUT', `calls/${said}/turns`, { id: said, callId: 'another', participant: 'agent', at: call.startedAt }, {}],
    ['DELETE', `calls/${said}`, undefined, {}],
    ['POST', 'calls', { ...call, id: said }, {}],
    ['POST', 'turns', { id: `${said}2`, callId: said, participant: 'agent', at: call.startedAt }, {}],
    ['DELETE', `agents/${said}`, undefined, {}],
    ['POST', said, {}, {}],
    ['POST', 'calls', said, { 'Content-Type': said }],
    ['POST', 'calls', said, { 'Content-Type': 'application/json', 'Content-Encoding': said }],
    ['POST', 'calls', said, { 'Content-Type': 'application/json' }],
  ] as const) {
    await send(method, to, body, headers)
  }
  const answer = await account.request('GET', path)
  expect(answer.json.data.length).toBeGreaterThan(18)
  // Ids, keys and times are the program's own, and may look like anything.
  const told = answer.json.data.map(({ source: _source, lastAt: _lastAt, ...fault }: Fault) => fault)
  expect(JSON.stringify(told)).not.toMatch(/ana|soto|12345678|another|1001|\b101\b/)
})

test('too many kinds in an hour become one', async () => {
  const account = await earshot.account()
  const letters = (index: number) => `field${String.fromCharCode(97 + Math.floor(index / 26), 97 + (index % 26))}`
  const records = Array.from({ length: 260 }, (_, index) => ({ id: `a${index}`, name: 'Ana', [letters(index)]: 1 }))
  await account.request('POST', '/v1/ingest/agents', records)
  await account.request('POST', '/v1/ingest/agents', records.slice(0, 1))
  const faults = await faultsOf(account)
  expect(faults.find(({ field }) => field === null)).toMatchObject({
    refused: 60,
    message: expect.stringMatching(/^Other/),
  })
  expect(faults.find(({ field }) => field === 'fieldaa')?.refused).toBe(2)
  expect(faults.length).toBe(200)
})

test('the list goes back as far as asked, and is forgotten after 30 days', async () => {
  const account = await earshot.account()
  await account.request('POST', '/v1/ingest/agents', {})
  const { now } = earshot.ports
  const during = async (days: number, ask: () => Promise<unknown>) => {
    earshot.ports.now = () => now() + days * dayMs
    return ask().finally(() => (earshot.ports.now = now))
  }
  expect(await during(8, () => faultsOf(account))).toEqual([])
  expect(await during(8, () => faultsOf(account, '?days=9'))).toHaveLength(1)
  expect((await account.request('GET', `${path}?days=31`)).status).toBe(422)
  await during(29, () => deleteOldFaults(earshot.ports))
  expect(await faultsOf(account)).toHaveLength(1)
  await during(31, () => deleteOldFaults(earshot.ports))
  expect(await faultsOf(account)).toEqual([])
})

test('only an administrator sees it', async () => {
  const reader = await earshot.account({ scopes: ['calls:read', 'ingest:write'] })
  expect((await reader.request('GET', path)).status).toBe(403)
})

test('a restart keeps what was counted to the last moment', async () => {
  await first.request('POST', '/v1/ingest/agents', [{}, {}])
  const { config, log } = earshot.ports
  await closeServer(earshot.server)
  await earshot.ports.close()
  const again = await openPorts(config, log, () => {})
  const { faults } = await listFaults(systemContext(again, first.id), { days: 7 })
  expect(faults).toMatchObject([{ path: 'POST /v1/ingest/agents', field: 'id', refused: 2 }])
  await again.close()
})
