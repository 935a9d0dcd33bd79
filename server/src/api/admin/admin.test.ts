import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { NewKey } from '../../features/keys/key.ts'
import { healthSurface } from '../health/routes.ts'
import { openTestDatabase, send, type TestApp, type TestDatabase } from '../http/testFrame.ts'
import { adminSurface } from './routes.ts'

let database: TestDatabase
let process1: TestApp
let url: string
let key: NewKey

beforeAll(async () => {
  database = await openTestDatabase()
  process1 = await database.openPorts()
  url = (await process1.serve([healthSurface, adminSurface])).url
  key = await process1.newKey(['admin', 'calls:read'])
})

afterAll(async () => {
  await process1.close()
  await database.close()
})

function call(method: string, target: string, body?: unknown, apiKey = key.apiKey) {
  return send(url, method, target, { 'X-Api-Key': apiKey }, body === undefined ? undefined : JSON.stringify(body))
}

test('a key is made, listed, rotated and revoked', async () => {
  const made = await call('POST', '/v1/admin/keys', { name: 'reports', scopes: ['calls:read'] })
  expect(made.status).toBe(201)
  expect(made.body).toMatchObject({ name: 'reports', account: key.account, scopes: ['calls:read'], expiresAt: null })
  const id = String(made.body?.['id'])
  const list = await call('GET', '/v1/admin/keys')
  expect(list.body?.['data']).toHaveLength(2)
  expect(JSON.stringify(list.body)).not.toContain(String(made.body?.['apiKey']))
  const rotated = await call('POST', `/v1/admin/keys/${id}/rotate`, { overlapSeconds: 0 })
  expect([rotated.status, rotated.body?.['name']]).toEqual([201, 'reports'])
  const again = await call('POST', `/v1/admin/keys/${id}/rotate`)
  expect([again.status, again.body]).toEqual([
    409,
    { error: { code: 'CONFLICT', message: expect.any(String), requestId: again.headers.get('x-request-id') } },
  ])
  expect((await call('DELETE', `/v1/admin/keys/${String(rotated.body?.['id'])}`)).status).toBe(204)
  const dead = await call('GET', '/v1/admin/keys', undefined, String(rotated.body?.['apiKey']))
  expect([dead.status, dead.body]).toMatchObject([401, { error: { code: 'INVALID_API_KEY' } }])
})

test.each([
  ['POST', '/v1/admin/keys', { name: 'x', scopes: ['everything'] }, 422, 'VALIDATION_ERROR'],
  ['POST', '/v1/admin/keys', { name: 'a\0b', scopes: ['admin'] }, 422, 'VALIDATION_ERROR'],
  [
    'POST',
    '/v1/admin/users',
    { email: 'a@b.co', name: 'a\0b', role: 'viewer', password: 'p'.repeat(20) },
    422,
    'VALIDATION_ERROR',
  ],
  ['POST', '/v1/admin/keys', { name: 'x', scopes: ['*'] }, 403, 'INSUFFICIENT_SCOPE'],
  ['POST', '/v1/admin/keys', { name: 'x', scopes: ['admin'], expiresAt: 'soon' }, 422, 'VALIDATION_ERROR'],
  ['DELETE', `/v1/admin/keys/${randomUUID()}`, undefined, 404, 'RESOURCE_NOT_FOUND'],
  ['DELETE', '/v1/admin/keys/1%27;drop', undefined, 404, 'RESOURCE_NOT_FOUND'],
  ['PATCH', '/v1/admin/account', { timezone: 'Mars/Base' }, 422, 'VALIDATION_ERROR'],
  ['PATCH', '/v1/admin/account', { name: 'other' }, 422, 'VALIDATION_ERROR'],
])('%s %s with %j is answered with %i %s', async (method, target, body, status, code) => {
  const answer = await call(method, target, body)
  expect([answer.status, answer.body]).toMatchObject([status, { error: { code } }])
})

test('the account is shown and changed', async () => {
  expect((await call('GET', '/v1/admin/account')).body).toMatchObject({
    name: key.account,
    timezone: 'UTC',
    country: null,
  })
  const changed = await call('PATCH', '/v1/admin/account', { timezone: 'America/Santiago', country: 'CL' })
  expect(changed.body).toMatchObject({ timezone: 'America/Santiago', country: 'CL' })
  expect((await call('PATCH', '/v1/admin/account', { country: null })).body).toMatchObject({
    timezone: 'America/Santiago',
    country: null,
  })
})

test('health, readiness and figures need no key', async () => {
  const health = await send(url, 'GET', '/health')
  expect([health.status, health.body]).toEqual([200, { status: 'ok', version: expect.any(String) }])
  const ready = await send(url, 'GET', '/ready')
  expect([ready.status, ready.body]).toEqual([
    503,
    { status: 'unavailable', postgres: 'ok', clickhouse: 'unavailable', migrations: 'unavailable', disk: 'ok' },
  ])
  const metrics = await (await fetch(`${url}/metrics`)).text()
  expect(metrics).toContain('earshot_http_requests_total{surface="health",method="GET",status="2xx"} 1\n')
  expect(metrics).toMatch(/^process_resident_memory_bytes \d+$/m)
})
