import { randomBytes, randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { decodeJwt, decodeProtectedHeader, SignJWT } from 'jose'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { openTestDatabase, type TestApp, type TestDatabase } from '../../api/http/testFrame.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { systemControl } from '../accounts/controlContext.ts'
import { disableAccount } from '../accounts/disableAccount.ts'
import { enableAccount } from '../accounts/enableAccount.ts'
import { createKey } from './createKey.ts'
import { issueKey } from './issueKey.ts'
import type { NewKey } from './key.ts'
import { watchKeys } from './keyStates.ts'
import { listKeys } from './listKeys.ts'
import { revokeKey } from './revokeKey.ts'
import { rotateKey } from './rotateKey.ts'
import { verifyKey } from './verifyKey.ts'

let database: TestDatabase
let here: TestApp
let there: TestApp

beforeAll(async () => void (database = await openTestDatabase()))
afterAll(() => database.close())
beforeEach(async () => {
  here = await database.openPorts()
  there = await database.openPorts()
})
afterEach(async () => {
  await here.close()
  await there.close()
})

const refused = { code: 'INVALID_API_KEY' }

async function contextOf(key: NewKey) {
  const { accountId } = await verifyKey(here.ports, { apiKey: key.apiKey })
  return systemControl(here.ports, accountId)
}

test('a new key has the published forms and opens its account, as itself and as a token', async () => {
  const account = `account ${randomUUID()}`
  const key = await issueKey(here.ports, {
    account,
    scopes: ['calls:read', 'calls:read'],
    timezone: 'america/santiago',
  })
  expect(key.account).toBe(account)
  expect(key.apiKey).toMatch(/^ak_live_[A-Za-z0-9]{32}$/)
  expect(key.hmacSecret).toMatch(/^hmac_[A-Za-z0-9_-]{43}$/)
  expect(key.prefix).toBe(key.apiKey.slice(0, 14))
  const state = await verifyKey(there.ports, { apiKey: key.apiKey })
  expect(state).toMatchObject({ keyId: key.id, scopes: ['calls:read'] })
  expect(state.hmacSecret()).toBe(key.hmacSecret)
  expect((await verifyKey(there.ports, { token: key.jwt })).keyId).toBe(key.id)
  expect(decodeProtectedHeader(key.jwt)).toEqual({ alg: 'HS256', typ: 'JWT', kid: key.id })
  expect(decodeJwt(key.jwt)).toEqual({
    accountId: state.accountUuid,
    contextId: state.contextUuid,
    keyId: key.id,
    iat: expect.any(Number),
  })
})

test('neither keys nor secrets stand in the database, in the log or in the audit', async () => {
  const key = await here.newKey(['*'])
  const tables = await Promise.all(
    ['api_keys', 'accounts', 'audit_events'].map((table) =>
      here.ports.postgres.query({ text: `SELECT * FROM ${table}`, values: [] }),
    ),
  )
  const everything = JSON.stringify(tables, (_name, value: unknown) =>
    isBuffer(value) ? Buffer.from(value.data).toString('latin1') : value,
  )
  expect(everything).toContain(key.prefix)
  for (const secret of [key.apiKey.slice(8), key.hmacSecret.slice(5), key.jwt.slice(-20)]) {
    expect(everything).not.toContain(secret)
    expect(here.lines.join()).not.toContain(secret)
  }
})

function isBuffer(value: unknown): value is { data: number[] } {
  return typeof value === 'object' && value !== null && 'type' in value && value.type === 'Buffer'
}

test('the same account name gives the same account', async () => {
  const account = `account ${randomUUID()}`
  const keys = await Promise.all(
    [here, there, here, there].map(({ ports }) => issueKey(ports, { account, scopes: ['admin'] })),
  )
  const states = await Promise.all(keys.map(({ apiKey }) => verifyKey(here.ports, { apiKey })))
  expect(new Set(states.map(({ accountId }) => accountId)).size).toBe(1)
})

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url')
}

test('tokens with another algorithm, key, account or body are refused', async () => {
  const key = await here.newKey(['*'])
  const other = await here.newKey(['*'])
  const [head = '', claims = '', signature = ''] = key.jwt.split('.')
  const state = await verifyKey(here.ports, { apiKey: key.apiKey })
  const otherState = await verifyKey(here.ports, { apiKey: other.apiKey })
  const sign = async (signer: Parameters<SignJWT['sign']>[0], header: { alg: string; kid?: string }, more = {}) =>
    new SignJWT({ ...decodeJwt(key.jwt), ...more }).setProtectedHeader(header).sign(signer)
  const right = { alg: 'HS256', kid: key.id }
  const tokens = [
    `${encode({ alg: 'none', kid: key.id })}.${claims}.`,
    `${encode({ alg: 'none', kid: key.id })}.${claims}.${signature}`,
    `${head}.${encode({ ...decodeJwt(key.jwt), keyId: other.id })}.${signature}`,
    `${head}.${claims}.${signature.startsWith('A') ? 'B' : 'A'}${signature.slice(1)}`,
    await sign(randomBytes(32), right),
    await sign(await otherState.jwtKey(), right),
    await sign(await state.jwtKey(), { alg: 'HS256', kid: other.id }),
    await sign(await state.jwtKey(), { alg: 'HS256' }),
    await sign(await state.jwtKey(), right, { accountId: otherState.accountUuid }),
    await sign(await state.jwtKey(), right, { keyId: other.id }),
    await sign(await state.jwtKey(), right, { exp: Math.floor(here.ports.now() / 1000) - 10 }),
    await sign(Buffer.from(key.hmacSecret), right),
    'a.b.c',
  ]
  for (const token of tokens) await expect(verifyKey(here.ports, { token })).rejects.toMatchObject(refused)
  const strong = await crypto.subtle.generateKey({ name: 'HMAC', hash: 'SHA-512' }, false, ['sign'])
  const token = await sign(strong, { alg: 'HS512', kid: key.id })
  await expect(verifyKey(here.ports, { token })).rejects.toMatchObject(refused)
  const lasting = await sign(await state.jwtKey(), right, { exp: Math.floor(here.ports.now() / 1000) + 10 })
  expect((await verifyKey(here.ports, { token: lasting })).keyId).toBe(key.id)
})

test('revoking works at once here, and within a second in a process that hears nothing of it', async () => {
  const key = await here.newKey(['*'])
  const context = await contextOf(key)
  for (const { ports } of [here, there]) await verifyKey(ports, { token: key.jwt })
  await revokeKey(context, { keyId: key.id })
  const revokedAt = performance.now()
  await expect(verifyKey(here.ports, { apiKey: key.apiKey })).rejects.toMatchObject(refused)
  await expect(verifyKey(here.ports, { token: key.jwt })).rejects.toMatchObject(refused)
  for (let isRefused = false; !isRefused; await pause(20)) {
    const askedAt = performance.now()
    isRefused = await verifyKey(there.ports, { token: key.jwt }).then(
      () => false,
      () => true,
    )
    if (!isRefused) expect(askedAt - revokedAt).toBeLessThan(1000)
  }
  await revokeKey(context, { keyId: key.id })
})

test('a process that listens hears of it in a moment', async () => {
  const stop = await watchKeys(there.ports)
  const key = await here.newKey(['*'])
  // The clock stands still by which it would look again by itself.
  const clock = vi.spyOn(performance, 'now').mockReturnValue(performance.now())
  try {
    await verifyKey(there.ports, { apiKey: key.apiKey })
    await revokeKey(await contextOf(key), { keyId: key.id })
    await expect
      .poll(() => verifyKey(there.ports, { apiKey: key.apiKey }).catch(() => 'refused'), { interval: 5 })
      .toBe('refused')
  } finally {
    clock.mockRestore()
    await stop()
  }
})

test('a rotated key works for the overlap, the new one at once', async () => {
  const key = await here.newKey(['calls:read'])
  const context = await contextOf(key)
  const next = await rotateKey(context, { keyId: key.id, overlapSeconds: 60 })
  expect(next).toMatchObject({ scopes: ['calls:read'], name: key.name, account: key.account, expiresAt: null })
  for (const { apiKey, jwt } of [key, next]) {
    await verifyKey(here.ports, { apiKey })
    await verifyKey(here.ports, { token: jwt })
  }
  await expect(rotateKey(context, { keyId: key.id })).rejects.toMatchObject({ code: 'CONFLICT' })
  here.advance(61_000)
  await expect(verifyKey(here.ports, { apiKey: key.apiKey })).rejects.toMatchObject(refused)
  await expect(verifyKey(here.ports, { token: key.jwt })).rejects.toMatchObject(refused)
  await verifyKey(here.ports, { apiKey: next.apiKey })
  const listed = await listKeys(context)
  expect(listed.find(({ id }) => id === key.id)?.replacedBy).toBe(next.id)
})

test('a key expires at its time', async () => {
  const first = await here.newKey(['*'])
  const context = await contextOf(first)
  const expiresAt = new Date(here.ports.now() + 5000)
  const key = await createKey(context, { name: 'short', scopes: ['calls:read'], expiresAt })
  await verifyKey(here.ports, { apiKey: key.apiKey })
  here.advance(5001)
  await expect(verifyKey(here.ports, { apiKey: key.apiKey })).rejects.toMatchObject(refused)
  await expect(rotateKey(context, { keyId: key.id })).rejects.toMatchObject({ code: 'CONFLICT' })
  await expect(createKey(context, { name: 'late', scopes: ['*'], expiresAt })).rejects.toMatchObject({
    code: 'VALIDATION_ERROR',
  })
})

test('a disabled account lets nobody in until it is enabled again', async () => {
  const key = await here.newKey(['*'])
  const context = await contextOf(key)
  await disableAccount(here.ports, { name: key.account })
  await expect(verifyKey(here.ports, { apiKey: key.apiKey })).rejects.toMatchObject(refused)
  await expect(createKey(context, { name: 'x', scopes: ['*'] })).rejects.toMatchObject({ code: 'CONFLICT' })
  await enableAccount(here.ports, { name: key.account })
  await verifyKey(here.ports, { apiKey: key.apiKey })
  await expect(disableAccount(here.ports, { name: 'nobody' })).rejects.toMatchObject({ code: 'RESOURCE_NOT_FOUND' })
})

test('a key hands out no scope that it lacks, not even by rotating another', async () => {
  const key = await here.newKey(['admin', 'calls:read'])
  const system = await contextOf(key)
  const strong = await createKey(system, { name: 'strong', scopes: ['*'] })
  const context = { ...system, actor: { kind: 'key' as const, keyId: key.id, scopes: key.scopes } }
  const lacking = { code: 'INSUFFICIENT_SCOPE' }
  await expect(createKey(context, { name: 'x', scopes: ['*'] })).rejects.toMatchObject(lacking)
  await expect(createKey(context, { name: 'x', scopes: ['admin', 'ingest:write'] })).rejects.toMatchObject(lacking)
  await expect(rotateKey(context, { keyId: strong.id })).rejects.toMatchObject(lacking)
  await verifyKey(here.ports, { apiKey: strong.apiKey })
  await createKey(context, { name: 'x', scopes: ['admin'] })
  const weak = { ...context, actor: { ...context.actor, scopes: ['calls:read' as const] } }
  await expect(listKeys(weak)).rejects.toMatchObject(lacking)
})

test('wrong scopes, names and overlaps are refused and leave nothing behind', async () => {
  const account = `account ${randomUUID()}`
  const wrong = { code: 'VALIDATION_ERROR' }
  await expect(issueKey(here.ports, { account, scopes: ['calls:write'] })).rejects.toMatchObject(wrong)
  await expect(issueKey(here.ports, { account, scopes: [] })).rejects.toMatchObject(wrong)
  await expect(issueKey(here.ports, { account, scopes: ['*'], timezone: '+03:00' })).rejects.toMatchObject(wrong)
  await expect(issueKey(here.ports, { account, scopes: ['*'], country: 'XX' })).rejects.toMatchObject(wrong)
  await expect(issueKey(here.ports, { account: ' ', scopes: ['*'] })).rejects.toMatchObject(wrong)
  expect(await here.ports.postgres.first(sql`SELECT 1 FROM accounts WHERE name = ${account}`)).toBeUndefined()
  const key = await here.newKey(['*'])
  await expect(rotateKey(await contextOf(key), { keyId: key.id, overlapSeconds: -1 })).rejects.toMatchObject(wrong)
})

test("another account's key does not exist", async () => {
  const [key, other] = [await here.newKey(['*']), await here.newKey(['*'])]
  const context = await contextOf(key)
  const missing = { code: 'RESOURCE_NOT_FOUND' }
  await expect(revokeKey(context, { keyId: other.id })).rejects.toMatchObject(missing)
  await expect(rotateKey(context, { keyId: other.id })).rejects.toMatchObject(missing)
  expect((await listKeys(context)).map(({ id }) => id)).toEqual([key.id])
})

test('the last use is noted, once a minute', async () => {
  const key = await here.newKey(['*'])
  const context = await contextOf(key)
  const lastUse = async () => (await listKeys(context))[0]?.lastUsedAt?.getTime() ?? 0
  await expect.poll(lastUse).toBeGreaterThan(0)
  const first = await lastUse()
  await verifyKey(here.ports, { apiKey: key.apiKey })
  await verifyKey(there.ports, { apiKey: key.apiKey })
  here.advance(61_000)
  await verifyKey(here.ports, { apiKey: key.apiKey })
  await expect.poll(lastUse).toBeGreaterThan(first + 60_000)
})

test('every change is written to the audit', async () => {
  const key = await here.newKey(['*'])
  const context = await contextOf(key)
  const next = await rotateKey({ ...context, actor: { kind: 'key', keyId: key.id, scopes: ['*'] } }, { keyId: key.id })
  await revokeKey(context, { keyId: next.id })
  await disableAccount(here.ports, { name: key.account })
  const events = await here.ports.postgres.query(sql`
    SELECT actor, action, subject
    FROM audit_events
    WHERE account_id = ${context.accountId}
    ORDER BY id`)
  expect(events).toEqual([
    { actor: 'system', action: 'account.created', subject: 'account' },
    { actor: 'system', action: 'key.created', subject: `key:${key.id}` },
    { actor: `key:${key.id}`, action: 'key.rotated', subject: `key:${key.id}` },
    { actor: 'system', action: 'key.revoked', subject: `key:${next.id}` },
    { actor: 'system', action: 'account.disabled', subject: 'account' },
  ])
})
