import { once } from 'node:events'
import { request as httpRequest } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { NewKey } from '../../features/keys/key.ts'
import { openTestDatabase, send, signedHeaders, type TestApp, type TestDatabase } from './testFrame.ts'
import { testSurface } from './testSurface.ts'

let database: TestDatabase
let test1: TestApp
let url: string
let key: NewKey

beforeAll(async () => {
  database = await openTestDatabase()
  test1 = await database.openPorts({ corsOrigins: ['https://dashboard.example.com'] })
  url = (await test1.serve([testSurface])).url
  key = await test1.newKey(['calls:read'])
})

afterAll(async () => {
  await test1.close()
  await database.close()
})

function call(method: string, target: string, headers?: Record<string, string>, body?: string | Uint8Array) {
  return send(url, method, target, headers, body)
}

const withKeyOf = ({ apiKey }: NewKey) => ({ 'X-Api-Key': apiKey })
const withKey = () => withKeyOf(key)

test.each(['X-Api-Key', 'x-API-key', 'Bearer key', 'bearer key', 'Bearer JWT', 'JWT alone'])(
  'a caller signs in with %s',
  async (how) => {
    const headers: Record<string, string> = how.toLowerCase().startsWith('x-')
      ? { [how]: key.apiKey }
      : { Authorization: how.replace('key', key.apiKey).replace(' alone', '').replace('JWT', key.jwt) }
    const { status, body, headers: answered } = await call('GET', '/test/me/7', headers)
    expect([status, body]).toEqual([200, { accountId: expect.any(Number), id: '7', limit: 20 }])
    expect(answered.get('x-request-id')).toMatch(/^req_[0-9a-f]{32}$/)
  },
)

test.each([
  [{}, 'No API key'],
  [{ 'X-Api-Key': 'ak_live_unknown' }, 'unknown'],
  [{ Authorization: 'Basic abc' }, 'No API key'],
  [{ Authorization: 'Bearer a.b.c' }, 'unknown'],
])('without a right key nobody gets in: %j', async (headers, message) => {
  const { status, body, headers: answered } = await call('GET', '/test/me/7', headers)
  expect([status, body?.['failed'], answered.get('x-surface')]).toEqual([401, 'INVALID_API_KEY', 'test'])
  expect(body?.['message']).toContain(message)
  expect(body?.['requestId']).toBe(answered.get('x-request-id'))
})

test('a key without the scope is refused with 403', async () => {
  const other = await test1.newKey(['ingest:write'])
  const { status, body } = await call('GET', '/test/me/7', { 'X-Api-Key': other.apiKey })
  expect([status, body?.['failed']]).toEqual([403, 'INSUFFICIENT_SCOPE'])
})

test('faults name the field, in the envelope of the surface', async () => {
  const wrong = await call('POST', '/test/json', withKey(), '{"age":"old","tags":["a",1],"more":1}')
  expect([wrong.status, wrong.body?.['failed']]).toEqual([422, 'VALIDATION_ERROR'])
  const details = wrong.body?.['details'] as { field: string; message: string }[]
  expect(details.map(({ field }) => field).toSorted()).toEqual(['age', 'more', 'name', 'tags.1'])
  expect(details.find(({ field }) => field === 'name')?.message).toBe('is required')
  const query = await call('GET', '/test/me/7?limit=500', withKey())
  expect([query.status, query.body?.['failed']]).toEqual([422, 'VALIDATION_ERROR'])
  const unknown = await call('GET', '/test/me/7?lim=5', withKey())
  expect(unknown.body?.['details']).toEqual([{ field: 'lim', message: 'is not known here' }])
  expect(unknown.body?.['message']).toBe('The query is not valid: lim: is not known here; known are limit.')
  const params = await call('GET', `/test/me/${'x'.repeat(201)}`, withKey())
  expect([params.status, params.body?.['failed']]).toEqual([404, 'RESOURCE_NOT_FOUND'])
})

test.each(['{"name":', 'name=x', '\u0000', '{"name":"\uD800'.slice(0, 8)])('%j is not JSON', async (body) => {
  const { status, body: answer } = await call(
    'POST',
    '/test/json',
    { ...withKey(), 'Content-Type': 'application/json' },
    body,
  )
  expect([status, answer?.['failed']]).toEqual([400, 'BAD_REQUEST'])
  expect(answer?.['message']).not.toContain('name')
})

test('bytes that are not UTF-8 are refused; a byte order mark, any content type and no body at all are taken', async () => {
  const bytes = Buffer.concat([Buffer.from('{"name":"'), Buffer.of(0xff), Buffer.from('"}')])
  expect((await call('POST', '/test/json', withKey(), bytes)).status).toBe(400)
  expect((await call('POST', '/test/json', withKey(), '\uFEFF{"name":"x"}')).status).toBe(200)
  expect(
    (await call('POST', '/test/json', { ...withKey(), 'Content-Type': 'text/plain' }, '{"name":"x"}')).status,
  ).toBe(200)
  expect((await call('POST', '/test/json', withKey())).body?.['details']).toEqual([
    { field: 'name', message: 'is required' },
  ])
})

test('raw and streamed bodies keep to their limit', async () => {
  expect((await call('PUT', '/test/raw', withKey(), 'x'.repeat(1000))).body).toEqual({ bytes: 1000 })
  expect((await call('PUT', '/test/raw', withKey())).body).toEqual({ bytes: 0 })
  const large = await call('PUT', '/test/raw', withKey(), 'x'.repeat(1001))
  expect([large.status, large.body?.['failed']]).toEqual([413, 'PAYLOAD_TOO_LARGE'])
  expect((await call('PUT', '/test/stream', withKey(), new Uint8Array(20_000_000))).body).toEqual({ bytes: 20_000_000 })
  expect((await call('PUT', '/test/stream', withKey())).body).toEqual({ bytes: 0 })
  expect((await chunked('/test/raw', withKey(), 5000)).status).toBe(413)
})

/** A PUT without Content-Length. */
function chunked(
  target: string,
  headers: Record<string, string>,
  bytes: number,
): Promise<{ status: number | undefined }> {
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(url + target, { method: 'PUT', headers }, (response) => {
      text(response).then(() => resolve({ status: response.statusCode }), reject)
    })
    outgoing.on('error', reject)
    outgoing.write(Buffer.alloc(bytes))
    outgoing.end()
  })
}

test('a signature is demanded where it is due, and checked wherever it is sent', async () => {
  const target = '/test/signed'
  const body = '{ "name": "ñ" }'
  const nowMs = Date.now()
  const signed = signedHeaders(key, { method: 'POST', target, body, nowMs })
  expect((await call('POST', `${target}?a=1`, signed, body)).body).toEqual({ name: 'ñ' })
  const codeOf = async (headers: Record<string, string>, sent = body, to = target) =>
    (await call('POST', to, headers, sent)).body?.['failed']
  expect(await codeOf(withKey())).toBe('INVALID_SIGNATURE')
  expect(await codeOf({ ...signed, 'X-Signature': '' })).toBe('INVALID_SIGNATURE')
  expect(await codeOf(signed, '{"name":"ñ"}')).toBe('INVALID_SIGNATURE')
  expect(await codeOf(signed, body, '/test/json')).toBe('INVALID_SIGNATURE')
  expect(await codeOf({ ...withKey(), 'X-Timestamp': signed['X-Timestamp'] ?? '' }, body, '/test/json')).toBe(
    'INVALID_SIGNATURE',
  )
  const late = signedHeaders(key, { method: 'POST', target, body, nowMs: nowMs - 302_000 })
  expect(await codeOf(late)).toBe('TIMESTAMP_EXPIRED')
  expect(await codeOf({ ...late, 'X-Api-Key': 'ak_live_x' })).toBe('INVALID_API_KEY')
  const get = signedHeaders(key, { method: 'GET', target: '/test/me/a%2Fb', nowMs })
  expect((await call('GET', '/test/me/a%2Fb?limit=1', get)).body).toMatchObject({ id: 'a/b' })
})

test('signature comes before scope, scope before body', async () => {
  const other = await test1.newKey(['ingest:write'])
  const request = { method: 'POST', target: '/test/signed', body: '{', nowMs: Date.now() }
  const signed = signedHeaders(other, request)
  expect((await call('POST', '/test/signed', { ...signed, 'X-Signature': 'x' }, '{')).body?.['failed']).toBe(
    'INVALID_SIGNATURE',
  )
  expect((await call('POST', '/test/signed', signed, '{')).body?.['failed']).toBe('INSUFFICIENT_SCOPE')
  expect((await call('POST', '/test/signed', signedHeaders(key, request), '{')).body?.['failed']).toBe('BAD_REQUEST')
})

test('a signed stream is hashed on its way', async () => {
  const body = new Uint8Array(300_000).fill(7)
  const signed = signedHeaders(key, { method: 'PUT', target: '/test/stream', body, nowMs: Date.now() })
  expect((await call('PUT', '/test/stream', signed, body)).body).toEqual({ bytes: 300_000 })
  const altered = Uint8Array.from(body).fill(8, 299_999)
  expect((await call('PUT', '/test/stream', signed, altered)).body?.['failed']).toBe('INVALID_SIGNATURE')
  expect((await call('PUT', '/test/stream', signed)).body?.['failed']).toBe('INVALID_SIGNATURE')
})

test('an unknown key is refused before the body is read', async () => {
  const announced = { 'X-Api-Key': 'ak_live_unknown', 'Content-Length': '40000000', Expect: '100-continue' }
  const answer = await new Promise<{ status: number | undefined; continued: boolean }>((resolve, reject) => {
    let continued = false
    const outgoing = httpRequest(`${url}/test/stream`, { method: 'PUT', headers: announced }, (response) => {
      resolve({ status: response.statusCode, continued })
      outgoing.destroy()
    })
    outgoing.on('continue', () => (continued = true)).on('error', reject)
    outgoing.flushHeaders()
  })
  expect(answer).toEqual({ status: 401, continued: false })
})

test('a client that sends a large body all the same still gets to read its refusal', async () => {
  const wrong = { 'X-Api-Key': 'ak_live_unknown' }
  for (const target of ['/test/stream', '/test/raw']) {
    expect((await call('PUT', target, wrong, new Uint8Array(8_000_000))).status).toBe(401)
  }
  expect((await call('PUT', '/test/raw', withKey(), new Uint8Array(8_000_000))).status).toBe(413)
  expect((await chunked('/test/raw', withKey(), 8_000_000)).status).toBe(413)
})

test('closing waits for the requests that run', async () => {
  const other = await database.openPorts()
  const { url: otherUrl } = await other.serve([testSurface])
  const running = send(otherUrl, 'GET', '/test/slow', withKeyOf(await other.newKey(['*'])))
  await expect.poll(() => send(otherUrl, 'GET', '/test/open/x').then(({ status }) => status)).toBe(200)
  await other.close()
  expect((await running).status).toBe(200)
})

test('closing does not wait for connections that never brought a request', async () => {
  const other = await database.openPorts()
  const { port } = new URL((await other.serve([testSurface])).url)
  const silent = connect(Number(port), '127.0.0.1')
  await once(silent, 'connect')
  const begunAt = performance.now()
  await Promise.all([once(silent, 'close'), other.close()])
  // Connections are cut after twenty seconds in any case.
  expect(performance.now() - begunAt).toBeLessThan(15_000)
})

test('with the right key the client that asks first is told to go on', async () => {
  const headers = { ...withKey(), 'Content-Length': '3', Expect: '100-continue' }
  const bytes = await new Promise<string>((resolve, reject) => {
    const outgoing = httpRequest(`${url}/test/raw`, { method: 'PUT', headers }, (response) => {
      text(response).then(resolve, reject)
    })
    outgoing.on('continue', () => outgoing.end('abc')).on('error', reject)
    outgoing.flushHeaders()
  })
  expect(bytes).toBe('{"bytes":3}')
})

test('unknown paths are 404, wrong methods 405 with Allow, in the envelope of the prefix', async () => {
  const below = await call('GET', '/test/nothing')
  expect([below.status, below.body?.['failed']]).toEqual([404, 'RESOURCE_NOT_FOUND'])
  const outside = await call('GET', '/testing?key=secret')
  expect([outside.status, outside.body]).toEqual([
    404,
    { error: expect.objectContaining({ code: 'RESOURCE_NOT_FOUND' }) },
  ])
  const wrong = await call('DELETE', '/test/me/7')
  expect([wrong.status, wrong.body?.['failed'], wrong.headers.get('allow')]).toEqual([
    405,
    'METHOD_NOT_ALLOWED',
    'GET, HEAD, OPTIONS',
  ])
  const posted = await call('POST', '/nowhere', { 'Content-Type': 'application/json' }, '{')
  expect(posted.status).toBe(404)
  const undecodable = await call('GET', '/test/%zz')
  expect([undecodable.status, undecodable.body?.['failed']]).toEqual([400, 'BAD_REQUEST'])
  expect((await call('HEAD', '/test/me/7', withKey())).status).toBe(200)
})

function preflight(origin: string) {
  return call('OPTIONS', '/test/json', {
    Origin: origin,
    'Access-Control-Request-Method': 'POST',
    'Access-Control-Request-Headers': 'x-api-key',
  })
}

test('CORS lets the configured origins in', async () => {
  const allowed = await preflight('https://dashboard.example.com')
  expect([allowed.status, allowed.headers.get('access-control-allow-origin')]).toEqual([
    204,
    'https://dashboard.example.com',
  ])
  expect(allowed.headers.get('access-control-allow-headers')).toBe('x-api-key')
  expect((await preflight('https://evil.example')).headers.get('access-control-allow-origin')).toBeNull()
})

test('an unexpected error is logged, without what it quotes, and tells the caller nothing', async () => {
  const { status, body } = await call('GET', '/test/crash', withKey())
  expect([status, body?.['failed']]).toEqual([503, 'INTERNAL_ERROR'])
  expect(JSON.stringify(body)).not.toContain('duplicate')
  const line = test1.lines.find((entry) => entry.includes('unexpected failure'))
  expect(line).toContain('duplicate key')
  expect(line).not.toContain('example.com')
})

test('the log has a line a request, with the pattern of the route and no secret', async () => {
  test1.lines.length = 0
  await call('GET', '/test/me/token-in-path?limit=7', withKey())
  await call('GET', '/test/open/token-in-path?signature=secret')
  await call('GET', '/test/me/7', { Authorization: `Bearer ${key.jwt}` })
  await call('GET', '/unknown-secret?signature=secret')
  await expect.poll(() => test1.lines.length).toBe(4)
  const lines = test1.lines.map((line) => JSON.parse(line) as Record<string, unknown>)
  expect(lines.map(({ route }) => route)).toEqual(['/test/me/:id', '/test/open/*', '/test/me/:id', 'unmatched'])
  expect(lines[0]).toMatchObject({
    method: 'GET',
    status: 200,
    keyId: key.id,
    accountId: expect.any(Number),
    durationMs: expect.any(Number),
  })
  for (const secret of [key.apiKey, key.jwt, 'token-in-path', 'secret', '127.0.0.1']) {
    expect(test1.lines.join()).not.toContain(secret)
  }
})

test('what is not HTTP gets an answer in JSON', async () => {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.write('nonsense\r\n\r\n')
  const answer = await text(socket)
  expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/)
  expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toMatchObject({ error: { code: 'BAD_REQUEST' } })
})

const askForMe = (more = '') => `GET /test/me/7 HTTP/1.1\r\nHost: a\r\nX-Api-Key: ${key.apiKey}\r\n${more}\r\n`
const statusesOf = (answers: string) => [...answers.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status))

test.each([1, 3])('a client that closes its side after %i requests gets all its answers', async (requests) => {
  const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', allowHalfOpen: true })
  socket.end(askForMe().repeat(requests))
  expect(statusesOf(await text(socket))).toEqual(Array.from({ length: requests }, () => 200))
})

test('a request that something broken follows is answered first', async () => {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.write(`${askForMe()}nonsense\r\n\r\n`)
  expect(statusesOf(await text(socket))).toEqual([200, 400])
})
