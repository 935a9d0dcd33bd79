import { once } from 'node:events'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { FastifyInstance } from 'fastify'
import { feedSurface } from '../feed/routes.ts'
import { openTestDatabase, send, type TestApp, type TestDatabase } from './testFrame.ts'
import { testSurface } from './testSurface.ts'

let database: TestDatabase
let process1: TestApp
let url: string
let server: FastifyInstance
let apiKey: string

beforeAll(async () => {
  database = await openTestDatabase()
  process1 = await database.openPorts({ corsOrigins: ['https://dashboard.example.com'] })
  ;({ url, server } = await process1.serve([testSurface, feedSurface]))
  ;({ apiKey } = await process1.newKey(['calls:read']))
})

afterAll(async () => {
  await process1.close()
  await database.close()
})

interface Answer {
  status: number
  headers: Headers
  body: unknown
}

/** Sends bytes as they are, each part once the one before has gone out, and reads the one answer. */
async function raw(...parts: string[]): Promise<Answer> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  await once(socket, 'connect')
  socket.on('error', () => {})
  const answer = text(socket)
  for (const part of parts) await new Promise((resolve) => socket.write(part, resolve))
  const [head = '', ...body] = (await answer).split('\r\n\r\n')
  const [line = '', ...fields] = head.split('\r\n')
  return {
    status: Number(line.split(' ')[1]),
    headers: new Headers(
      fields.map((field): [string, string] => [field.split(': ')[0] ?? '', field.split(': ')[1] ?? '']),
    ),
    body: body.join('') === '' ? undefined : JSON.parse(body.join('')),
  }
}

const get = (path: string, ...headers: string[]) =>
  `GET ${path} HTTP/1.1\r\n${['Connection: close', ...headers].map((line) => `${line}\r\n`).join('')}\r\n`

/** The code in the envelope of the test's surface. */
const failed = (code: string) => expect.objectContaining({ failed: code, message: expect.any(String) })
const feedFault = (reason: string) => ({ error: { reason, detail: expect.any(String) } })

describe('what HTTP forbids is refused in the envelope of the surface', () => {
  test('an expectation that nobody meets', async () => {
    const { status, body } = await raw(get('/test/open/x', 'Host: a', 'Expect: 200-ok'))
    expect([status, body]).toEqual([417, failed('EXPECTATION_FAILED')])
    expect(await raw(get('/v1/sa/call', 'Host: a', 'Expect: 100-continue, more'))).toMatchObject({
      status: 417,
      body: feedFault('Expectation Failed'),
    })
  })

  test.each([
    ['two hosts', ['Host: a.example.com', 'host: b.example.com']],
    ['no host', []],
    ['a host that is none', ['Host: a/b']],
    ['a host with a user', ['Host: a@b']],
  ])('%s', async (_, headers) => {
    const { status, body } = await raw(get('/test/open/x', ...headers))
    expect([status, body]).toEqual([400, failed('BAD_REQUEST')])
  })

  test.each(['Host: a.example.com:8080', 'Host: [::1]:8080', 'Host: my_service', 'Host: '])(
    '%s is taken',
    async (host) => {
      expect((await raw(get('/test/open/x', host))).status).toBe(200)
    },
  )

  test('HTTP/1.0 names no host', async () => {
    expect((await raw('GET /test/open/x HTTP/1.0\r\n\r\n')).status).toBe(200)
  })
})

describe('what the parser refuses is answered in the envelope of the surface', () => {
  const long = 'x'.repeat(80_000)
  test.each([
    ['a long address', [get(`/v1/sa/call?queueId=${long}`, 'Host: a')]],
    ['long headers', [get('/v1/sa/call', 'Host: a', `X-Long: ${long}`)]],
    ['long headers, part by part', ['GET /v1/sa/call HTTP/1.1\r\n', 'Host: a\r\nX-Long: ', long]],
  ])('%s: 431', async (_, parts) => {
    const { status, body, headers } = await raw(...parts)
    expect([status, body]).toEqual([431, feedFault('Request Header Fields Too Large')])
    expect(headers.get('x-request-id')).toMatch(/^req_/)
    expect(headers.get('referrer-policy')).toBe('no-referrer')
  })

  test('an address and headers of 60 KiB are taken', async () => {
    const path = `/test/open/x?ids=${'y'.repeat(60_000)}`
    expect((await raw(get(path, 'Host: a'))).status).toBe(200)
  })

  test.each([
    ['a header that is none', [get('/test/open/x', 'Host: a', 'no colon')]],
    ['two lengths', [get('/test/open/x', 'Host: a', 'Content-Length: 1', 'Content-Length: 2')]],
    ['a path that came before', ['GET /test/open/x HTTP/1.1\r\n', 'Host: a\r\n\u0001: b\r\n\r\n']],
    [
      'a chunk that is none',
      [`PUT /test/raw HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n`, '\r\n', 'zz\r\n'],
    ],
  ])('%s: 400', async (_, parts) => {
    const { status, body } = await raw(...parts)
    expect([[400, 401].includes(status), body]).toEqual([true, expect.objectContaining({ failed: expect.any(String) })])
  })

  test('a request that does not arrive: 408', async () => {
    const { headersTimeout } = server.server
    server.server.headersTimeout = 1
    try {
      const { status, body } = await raw('GET /v1/sa/call HTTP/1.1\r\nHost: a\r\n')
      expect([status, body]).toEqual([408, feedFault('Request Timeout')])
    } finally {
      server.server.headersTimeout = headersTimeout
    }
  })

  test('a tunnel: 405', async () => {
    const { status, body } = await raw('CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n')
    expect([status, body]).toEqual([405, { error: expect.objectContaining({ code: 'METHOD_NOT_ALLOWED' }) }])
  })
})

describe('headers of every answer', () => {
  test.each(['/test/open/x', '/test/me/1', '/nowhere', '/test/%zz', '/docs', '/openapi.json'])('%s', async (path) => {
    const { headers } = await send(url, 'GET', path)
    expect(headers.get('referrer-policy')).toBe('no-referrer')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('x-request-id')).toMatch(/^req_/)
    // Over plain HTTP it would mean nothing.
    expect(headers.get('strict-transport-security')).toBeNull()
  })

  test('a 401 says how to sign in', async () => {
    const { status, headers } = await send(url, 'GET', '/v1/sa/call')
    expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="Earshot"'])
    const right = await send(url, 'GET', '/test/me/1', { 'X-Api-Key': apiKey })
    expect([right.status, right.headers.get('www-authenticate')]).toEqual([200, null])
  })

  test('pages of other origins may read what a download needs', async () => {
    const { headers } = await send(url, 'GET', '/test/open/x', { Origin: 'https://dashboard.example.com' })
    const exposed = (headers.get('access-control-expose-headers') ?? '').split(', ')
    expect(exposed).toEqual(expect.arrayContaining(['Content-Range', 'Accept-Ranges', 'ETag', 'Content-Disposition']))
  })
})
