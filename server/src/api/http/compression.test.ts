import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { audioFile } from '../../../test/audioFiles.ts'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'

let earshot: TestApp
let account: TestAccount

beforeAll(async () => {
  earshot = await openTestApp({ EARSHOT_CORS_ORIGINS: 'https://dashboard.example.com' })
  account = await earshot.account()
  const base = { channel: 'phone', status: 'completed', startedAt: '2026-05-03T10:00:00Z', durationSeconds: 60 }
  const calls = Array.from({ length: 500 }, (_, index) => ({
    ...base,
    id: `call-${index}`,
    notes: 'The modem blinks.',
  }))
  const sent = await account.request('POST', '/v1/ingest/calls', calls)
  expect(sent.status, sent.text).toBe(200)
})
afterAll(() => earshot.close())

interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: Buffer
}

/** An answer as it travels. */
function ask(target: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const url = target.startsWith('http') ? target : `${earshot.url}${target}`
    const sent = httpRequest(url, { method, headers: { 'X-Api-Key': account.apiKey, ...headers } }, (answer) => {
      buffer(answer).then((body) => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }), reject)
    })
    sent.on('error', reject)
    sent.end()
  })
}

const unpack: Record<string, (bytes: Buffer) => Buffer> = {
  gzip: (bytes) => gunzipSync(bytes),
  zstd: (bytes) => zstdDecompressSync(bytes),
  plain: (bytes) => bytes,
}

describe('answers are packed for those who take it', () => {
  test.each([
    '/v1/records/calls?limit=500',
    '/api/v1/calls?limit=100',
    '/v1/sa/call?format=csv&per_page=500',
    '/v1/sa/call?format=json&per_page=500',
    '/v1/changes/calls',
    '/v1/schema',
    '/openapi.json',
    '/docs/static/swagger-ui.css',
  ])('%s', async (path) => {
    const plain = await ask(path)
    expect([plain.status, plain.headers['content-encoding']]).toEqual([200, undefined])
    expect(plain.headers['vary']).toContain('Accept-Encoding')
    for (const coding of ['gzip', 'zstd']) {
      const { status, headers, body } = await ask(path, { 'Accept-Encoding': coding })
      expect([status, headers['content-encoding'], headers['content-type']]).toEqual([
        200,
        coding,
        plain.headers['content-type'],
      ])
      expect(headers['vary']).toContain('Accept-Encoding')
      expect(unpack[coding]?.(body).equals(plain.body)).toBe(true)
      expect(body.length).toBeLessThan(plain.body.length / 2)
    }
  })

  test.each([
    ['gzip, deflate, br', 'gzip'],
    ['gzip, deflate, br, zstd', 'zstd'],
    ['zstd;q=0.5, gzip', 'gzip'],
    ['gzip;q=0, *;q=0', undefined],
    ['br', undefined],
    ['*', 'zstd'],
  ])('Accept-Encoding: %s', async (accepted, coding) => {
    const { headers } = await ask('/v1/records/calls', { 'Accept-Encoding': accepted })
    expect(headers['content-encoding']).toBe(coding)
  })

  test('a HEAD tells the length that a GET has; another page’s origin stays in Vary', async () => {
    const wanted = { 'Accept-Encoding': 'gzip', Origin: 'https://dashboard.example.com' }
    const got = await ask('/v1/records/calls', wanted)
    const head = await ask('/v1/records/calls', wanted, 'HEAD')
    expect([head.headers['content-length'], head.headers['content-encoding']]).toEqual([
      String(got.body.length),
      'gzip',
    ])
    expect(got.headers['vary']).toBe('Origin, Accept-Encoding')
  })

  test('what is short stays as it is', async () => {
    const { headers, body } = await ask('/health', { 'Accept-Encoding': 'gzip' })
    expect([headers['content-encoding'], JSON.parse(body.toString()).status]).toEqual([undefined, 'ok'])
  })
})

describe('files by signed links', () => {
  const packs = { 'Accept-Encoding': 'gzip, zstd' }

  test('are left as they are, whole and in ranges, and are not sent again to who has them', async () => {
    const content = audioFile('tone-mulaw.wav')
    await account.request('PUT', '/v1/ingest/calls/call-0/recording', content, { 'Content-Type': 'audio/wav' })
    const { url } = (await account.request('GET', '/api/v1/calls/call-0/recording')).json
    const whole = await ask(url, packs)
    const tag = whole.headers['etag'] ?? ''
    expect([whole.headers['content-encoding'], whole.body.equals(content)]).toEqual([undefined, true])
    const part = await ask(url, { ...packs, Range: 'bytes=5-9', 'If-Range': tag })
    expect([part.status, part.body]).toEqual([206, content.subarray(5, 10)])

    for (const known of [tag, `W/${tag}`, `"other", ${tag}`, '*']) {
      const again = await ask(url, { 'If-None-Match': known, Range: 'bytes=0-1' })
      expect([again.status, again.body.length, again.headers['etag']]).toEqual([304, 0, tag])
    }
    expect((await ask(url, { 'If-None-Match': '"other"' })).status).toBe(200)
    expect((await ask(url, { 'If-None-Match': tag }, 'HEAD')).status).toBe(304)
  })

  test('of text are left as they are too', async () => {
    const days = { dateFrom: '2026-05-01', dateTo: '2026-05-31' }
    const { json } = await account.request('POST', '/v1/exports', { dataset: 'calls', ...days })
    earshot.ports.jobs.start()
    const path = `/v1/exports/${json.data.exportId}`
    await expect
      .poll(async () => (await account.request('GET', path)).json.data.status, { timeout: 60_000 })
      .toBe('completed')
    const [file] = (await account.request('GET', path)).json.data.files
    const { headers, body } = await ask(file.downloadUrl, packs)
    expect([headers['content-encoding'], headers['content-type'], body.length]).toEqual([
      undefined,
      'text/csv; charset=utf-8',
      file.bytes,
    ])
  }, 90_000)
})

test('a live stream is not packed: its events would wait for more', async () => {
  const gone = new AbortController()
  const stream = await fetch(`${earshot.url}/v1/changes/stream`, {
    headers: { 'X-Api-Key': account.apiKey, 'Accept-Encoding': 'gzip, zstd' },
    signal: gone.signal,
  })
  expect([stream.status, stream.headers.get('content-encoding')]).toEqual([200, null])
  const reader = stream.body?.getReader()
  expect((await reader?.read())?.done).toBe(false)
  gone.abort()
})
