import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'

let earshot: TestApp
let account: TestAccount

beforeAll(async () => {
  earshot = await openTestApp({}, { isAlone: true })
})
afterAll(() => earshot.close())
beforeEach(async () => {
  account = await earshot.account()
})

const call = (id: string, more: object = {}) => ({
  id,
  channel: 'phone',
  status: 'completed',
  startedAt: '2026-05-03T14:05:07.123Z',
  durationSeconds: 60,
  ...more,
})

const post = (body: unknown, headers: Record<string, string> = {}, query = '') =>
  account.request('POST', `/v1/ingest/calls${query}`, body, headers)

const jsonType = { 'Content-Type': 'application/json' }
const gzipped = { ...jsonType, 'Content-Encoding': 'gzip' }

test('a small gzip with one huge record is refused for its size, the others are stored with onError=skip', async () => {
  const huge = JSON.stringify(call('c1', { wordCloud: [] })).replace('[]', `[${'{},'.repeat(8_000_000)}{}]`)
  const refused = await post(gzipSync(huge), gzipped)
  expect(refused.json.error.details).toEqual([{ index: 0, field: '', message: 'a record may have at most 1 MiB.' }])
  const skipped = await post(gzipSync(`[${huge},${JSON.stringify(call('c2'))}]`), gzipped, '?onError=skip')
  expect(skipped.json.data).toMatchObject({ created: 1, rejected: 1, errors: [{ index: 0 }] })
})

test('a record with very many unknown fields is refused with a bounded list', async () => {
  const withFields = (count: number) =>
    call('c1', Object.fromEntries(Array.from({ length: count }, (_, index) => [`x${index}`, 1])))
  const many = await post(withFields(125_000))
  expect([many.status, many.json.error.details.length]).toEqual([422, 1])
  const fewer = await post(Array.from({ length: 20 }, () => withFields(20_000)))
  expect([fewer.status, fewer.json.error.details.length]).toEqual([422, 100])
  expect(fewer.json.error.message).toBe('20 records are not valid; nothing was stored.')
})

test('a body waits for its turn where the memory for bodies is full', async () => {
  const { bodyMemory } = earshot.ports
  const others = bodyMemory.open()
  others.take(bodyMemory.limit - 1000)
  const small = JSON.stringify(call('c1'))
  const large = JSON.stringify(call('c2', { notes: ' '.repeat(2000) }))
  expect((await post(small, jsonType)).status).toBe(200)
  for (const [body, headers] of [
    [large, jsonType],
    [gzipSync(large), gzipped],
  ] as const) {
    const refused = await post(body, headers)
    expect([refused.status, refused.headers.get('retry-after'), refused.json.error.code]).toEqual([
      503,
      '1',
      'UNAVAILABLE',
    ])
  }
  others.release()
  expect((await post(gzipSync(large), gzipped)).status).toBe(200)
})

test('what a request held is given back once it is answered, whatever the answer', async () => {
  await post([call('c1')])
  await post(gzipSync('{"id":'), gzipped)
  await post('{"id":', jsonType)
  await account.request('POST', '/v1/admin/keys', { name: 'x', scopes: ['nothing'] })
  await expect.poll(() => earshot.ports.bodyMemory.held).toBe(0)
})

test('faults of a JSON body are listed up to a hundred, and very long lists are not even checked', async () => {
  const withScopes = (count: number) =>
    account.request('POST', '/v1/admin/keys', { name: 'x', scopes: Array(count).fill('x') })
  const listed = await withScopes(9000)
  expect([listed.status, listed.json.error.details.length]).toEqual([422, 100])
  expect(listed.json.error.message).toContain('(and 8999 more)')
  const refused = await withScopes(300_000)
  expect([refused.status, refused.text.length < 1000]).toEqual([413, true])
})

test('NDJSON that is sent as JSON is told its type', async () => {
  const body = `${JSON.stringify(call('c1'))}\n${JSON.stringify(call('c2'))}\n`
  const refused = await post(body, jsonType)
  expect(refused.status).toBe(400)
  expect(refused.json.error.message).toContain('application/x-ndjson')
})

test.each([
  'application/x-ndjson',
  'application/ndjson; charset=utf-8',
  'application/jsonl',
  'application/x-jsonlines',
])('lines are taken as %s', async (type) => {
  const body = `${JSON.stringify(call('c1'))}\n${JSON.stringify(call('c2'))}\n`
  expect((await post(body, { 'Content-Type': type })).json.data).toMatchObject({ created: 2 })
})

test.each(['application/gzip', 'application/x-gzip'])(
  'a gzipped file is taken as %s, whatever form it holds',
  async (type) => {
    const send = (text: string) => post(gzipSync(text), { 'Content-Type': type })
    const [first, second] = [JSON.stringify(call('c1')), JSON.stringify(call('c2'), null, 2)]
    expect((await send(`${first}\n${first}\n`)).json.data).toMatchObject({ created: 1, unchanged: 1 })
    expect((await send(second)).json.data).toMatchObject({ created: 1 })
    expect((await send(`[${first}]`)).json.data).toMatchObject({ unchanged: 1 })
    expect((await post(gzipSync(first), { ...jsonType, 'Content-Encoding': 'x-gzip' })).status).toBe(200)
  },
)

test('onError=skip skips a line that is no JSON', async () => {
  const lines = [JSON.stringify(call('c1')), '{"id":"c2",', JSON.stringify(call('c3'))].join('\n')
  const type = { 'Content-Type': 'application/x-ndjson' }
  expect((await post(lines, type)).status).toBe(400)
  const skipped = await post(lines, type, '?onError=skip')
  expect(skipped.json.data).toMatchObject({ created: 2, rejected: 1, errors: [{ index: 1 }] })
  expect(skipped.json.data.errors[0].message).toContain('line 2')
})

test('a name that comes twice and a number that cannot be kept are refused', async () => {
  const text = (more: string) =>
    `{"id":"c1","channel":"phone","status":"active","startedAt":"2026-05-03T14:05:07Z",${more}}`
  const faultOf = async (more: string) => {
    const { status, json } = await post(text(more), jsonType)
    return [status, json.error?.details?.[0]?.field]
  }
  expect(await faultOf('"notes":"a","notes":"b"')).toEqual([422, 'notes'])
  expect(await faultOf('"attributes":{"order":9007199254740993}')).toEqual([422, 'attributes'])
  expect(await faultOf('"attributes":{"order":12345678901234567890}')).toEqual([422, 'attributes'])
  expect(await faultOf('"attributes":{"order":9007199254740991}')).toEqual([200, undefined])
})

test('a misspelt parameter is refused before anything is stored, an empty one is absent, a wrong number is refused', async () => {
  const turn = { id: 't1', participant: 'agent', at: '2026-05-03T14:05:08Z' }
  const refused = [
    await post(call('c1'), {}, '?dryrun=true'),
    await post(call('c1'), {}, '?onerror=skip'),
    await account.request('PUT', '/v1/ingest/calls/c1/turns?dry_run=true', [turn]),
    await account.request('DELETE', '/v1/ingest/calls/c1?dryRun=true'),
  ]
  expect(refused.map(({ status }) => status)).toEqual([422, 422, 422, 422])
  expect(refused[0]?.json.error.message).toContain('dryrun')
  expect((await account.request('GET', '/v1/records/calls')).json.data).toEqual([])
  expect((await post(call('c1'), {}, '?dryRun=&onError=')).json.data).toMatchObject({ created: 1 })
  const upload = (query: string) =>
    account.request('PUT', `/v1/ingest/calls/c1/recording${query}`, Buffer.from('OggS'), {
      'Content-Type': 'audio/ogg',
    })
  for (const wrong of ['0x10', '1e3', ' 5', '-1', 'NaN', '5s']) {
    expect((await upload(`?durationSeconds=${encodeURIComponent(wrong)}`)).json.error.details, wrong).toMatchObject([
      { field: 'durationSeconds' },
    ])
  }
})
