import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'
import { systemControl } from '../../features/accounts/controlContext.ts'
import { disableAccount } from '../../features/accounts/disableAccount.ts'
import { enableAccount } from '../../features/accounts/enableAccount.ts'
import { createUser } from '../../features/users/createUser.ts'

let earshot: TestApp
let account: TestAccount

beforeAll(async () => {
  earshot = await openTestApp()
  account = await earshot.account()
})

afterAll(() => earshot.close())

interface Browser {
  cookie: string
  csrfToken: string
  // Tests look into answers of many shapes.
  // oxlint-disable-next-line typescript/no-explicit-any
  session: any
}

async function ask(method: string, path: string, headers: Record<string, string>, body?: unknown) {
  const response = await fetch(earshot.url + path, {
    method,
    headers: { ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, json: text === '' ? undefined : JSON.parse(text) }
}

async function signIn(credentials: object, headers: Record<string, string> = {}): Promise<Browser> {
  const answer = await ask('POST', '/v1/session', headers, credentials)
  expect(answer.status).toBe(201)
  const cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  return { cookie, csrfToken: answer.json.csrfToken, session: answer.json }
}

const password = 'correct horse battery'

async function newUser(role: string, to = account): Promise<{ id: string; email: string }> {
  const email = `${role}.${randomBytes(4).toString('hex')}@example.com`
  const { id } = await createUser(systemControl(earshot.ports, to.id), { email, role, password })
  return { id, email }
}

/** Asks until the answer has this status: all that are asked for a second after the change have. */
async function withinASecond(status: number, path: string, cookie: string): Promise<void> {
  const changedAt = performance.now()
  for (let answered = 0; answered !== status;) {
    const askedAt = performance.now()
    answered = (await ask('GET', path, { cookie })).status
    if (answered !== status) expect(askedAt - changedAt).toBeLessThan(1000)
  }
}

const revokedWithinASecond = (cookie: string) => withinASecond(401, '/v1/session', cookie)

test('signing in with a key gives a session with the scopes of the key', async () => {
  const reader = await earshot.account({ scopes: ['calls:read'] })
  const answer = await ask('POST', '/v1/session', {}, { apiKey: reader.apiKey })
  expect(answer.headers.get('set-cookie')).toMatch(
    /^earshot_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Strict; Max-Age=43200$/,
  )
  const { cookie } = await signIn({ apiKey: reader.apiKey })
  const who = await ask('GET', '/v1/session', { cookie })
  expect(who.json).toMatchObject({
    account: { name: `account ${reader.id}`, timezone: 'UTC' },
    subject: { kind: 'key', email: null, role: null },
    scopes: ['calls:read'],
  })
  expect((await ask('GET', '/v1/records/calls', { cookie })).status).toBe(200)
  expect((await ask('GET', '/v1/admin/keys', { cookie })).status).toBe(403)
})

test('the cookie is bound to TLS where there is TLS', async () => {
  const before = earshot.ports.config.publicUrl
  earshot.ports.config.publicUrl = 'https://calls.example.com'
  try {
    const answer = await ask('POST', '/v1/session', {}, { apiKey: account.apiKey })
    expect(answer.headers.get('set-cookie')).toMatch(/^__Host-earshot=[\w-]{43}; .*; Secure; /)
  } finally {
    earshot.ports.config.publicUrl = before
  }
})

test.each([
  ['viewer', [200, 403, 403]],
  ['analyst', [200, 403, 403]],
  ['admin', [200, 200, 200]],
] as const)('a %s may do what the role says', async (role, [records, keys, ingest]) => {
  const { email } = await newUser(role)
  const { cookie, csrfToken, session } = await signIn({ email: email.toUpperCase(), password })
  expect(session.subject).toMatchObject({ kind: 'user', email, role })
  expect(session.scopes.includes('analytics:export')).toBe(role === 'analyst')
  expect((await ask('GET', '/v1/records/calls', { cookie })).status).toBe(records)
  expect((await ask('GET', '/v1/admin/keys', { cookie })).status).toBe(keys)
  const sent = await ask('POST', '/v1/ingest/agents', { cookie, 'x-csrf-token': csrfToken }, { id: 'a-1', name: 'Ana' })
  expect(sent.status).toBe(ingest)
  if (ingest === 403) expect(sent.json.error.message).toBe('Your role lacks the scope ingest:write.')
})

test('what is wrong is refused without saying which part', async () => {
  const { email } = await newUser('viewer')
  for (const credentials of [
    { email, password: 'wrong wrong wrong' },
    { email: 'nobody@example.com', password },
    { email, password, account: 'another account' },
  ]) {
    const answer = await ask('POST', '/v1/session', {}, credentials)
    expect(answer.status).toBe(401)
    expect(answer.json.error.message).toBe('The e-mail address or the password is wrong.')
    expect(answer.headers.get('set-cookie')).toBeNull()
  }
  const unknownKey = await ask('POST', '/v1/session', {}, { apiKey: `ak_live_${'x'.repeat(32)}` })
  expect(unknownKey.status).toBe(401)
  expect((await ask('POST', '/v1/session', {}, { email })).status).toBe(422)
})

test('an e-mail address and password that fit two accounts ask for the account', async () => {
  const other = await earshot.account()
  const { email } = await newUser('viewer')
  await createUser(systemControl(earshot.ports, other.id), { email, role: 'viewer', password })
  const asked = await ask('POST', '/v1/session', {}, { email, password })
  expect(asked.status).toBe(422)
  expect(asked.json.error.details[0].field).toBe('account')
  const { session } = await signIn({ email, password, account: `account ${other.id}` })
  expect(session.account.name).toBe(`account ${other.id}`)
})

test('forged, empty and foreign cookies are nobody', async () => {
  for (const cookie of [
    '',
    'earshot_session=',
    `earshot_session=${randomBytes(32).toString('base64url')}`,
    `earshot_session=${account.apiKey}`,
    "earshot_session=' OR 1=1 --",
  ]) {
    expect((await ask('GET', '/v1/session', { cookie })).status).toBe(401)
    expect((await ask('GET', '/v1/records/calls', { cookie })).status).toBe(401)
  }
})

test('a session sees nothing of another account', async () => {
  const other = await earshot.account()
  const call = { id: 'own', channel: 'phone', status: 'active', startedAt: '2026-05-03T14:05:07Z' }
  expect((await account.request('POST', '/v1/ingest/calls', call)).status).toBe(200)
  const mine = await signIn({ apiKey: account.apiKey })
  const theirs = await signIn({ apiKey: other.apiKey })
  expect((await ask('GET', '/v1/records/calls/own', { cookie: mine.cookie })).status).toBe(200)
  expect((await ask('GET', '/v1/records/calls/own', { cookie: theirs.cookie })).status).toBe(404)
})

test('every change needs the CSRF token of this very session', async () => {
  const { cookie, csrfToken } = await signIn({ apiKey: account.apiKey })
  const another = await signIn({ apiKey: account.apiKey })
  const change = (headers: Record<string, string>) =>
    ask('POST', '/v1/ingest/agents', { cookie, ...headers }, { id: 'a-2', name: 'Eva' })
  expect((await change({})).json.error.code).toBe('CSRF_TOKEN_INVALID')
  expect((await change({ 'x-csrf-token': another.csrfToken })).status).toBe(403)
  expect((await ask('DELETE', '/v1/session', { cookie })).status).toBe(403)
  expect((await change({ 'x-csrf-token': csrfToken, 'sec-fetch-site': 'same-origin' })).status).toBe(200)
  for (const site of ['cross-site', 'same-site']) {
    expect((await change({ 'x-csrf-token': csrfToken, 'sec-fetch-site': site })).status).toBe(403)
    expect((await ask('GET', '/v1/records/calls', { cookie, 'sec-fetch-site': site })).status).toBe(403)
  }
})

test("another site's form signs nobody in", async () => {
  const body = JSON.stringify({ apiKey: account.apiKey })
  const send = (headers: Record<string, string>) =>
    fetch(`${earshot.url}/v1/session`, { method: 'POST', headers, body })
  expect((await send({ 'content-type': 'text/plain' })).status).toBe(415)
  expect((await send({ 'content-type': 'application/json', 'sec-fetch-site': 'cross-site' })).status).toBe(403)
})

test('a session that was brought along is replaced and ended by signing in', async () => {
  const planted = await signIn({ apiKey: (await earshot.account()).apiKey })
  const { cookie } = await signIn({ apiKey: account.apiKey }, { cookie: planted.cookie })
  expect(cookie).not.toBe(planted.cookie)
  expect((await ask('GET', '/v1/session', { cookie: planted.cookie })).status).toBe(401)
})

test('signing out ends the session and removes the cookie', async () => {
  const { cookie, csrfToken } = await signIn({ apiKey: account.apiKey })
  const out = await ask('DELETE', '/v1/session', { cookie, 'x-csrf-token': csrfToken })
  expect(out.status).toBe(204)
  expect(out.headers.get('set-cookie')).toContain('Max-Age=0')
  expect((await ask('GET', '/v1/session', { cookie })).status).toBe(401)
})

test('a session ends after half an hour without a request, and after twelve hours in any case', async () => {
  const { ports } = earshot
  const real = ports.now
  let offset = 0
  ports.now = () => real() + offset
  try {
    const idle = await signIn({ apiKey: account.apiKey })
    const used = await signIn({ apiKey: account.apiKey })
    const minuteMs = 60_000
    offset = 29 * minuteMs
    expect((await ask('GET', '/v1/session', { cookie: used.cookie })).status).toBe(200)
    offset = 31 * minuteMs
    expect((await ask('GET', '/v1/session', { cookie: idle.cookie })).status).toBe(401)
    for (let minutes = 31; minutes < 720; minutes += 28) {
      offset = minutes * minuteMs
      expect((await ask('GET', '/v1/session', { cookie: used.cookie })).status).toBe(200)
    }
    offset = 720 * minuteMs + 1000
    expect((await ask('GET', '/v1/session', { cookie: used.cookie })).status).toBe(401)
  } finally {
    ports.now = real
  }
})

test('revoking the key ends its sessions within a second', async () => {
  const made = await account.request('POST', '/v1/admin/keys', { name: 'short', scopes: ['calls:read'] })
  const { cookie } = await signIn({ apiKey: made.json.apiKey })
  await account.request('DELETE', `/v1/admin/keys/${made.json.id}`)
  await revokedWithinASecond(cookie)
})

test('disabling a user or giving them another password ends their sessions', async () => {
  const { id, email } = await newUser('viewer')
  const first = await signIn({ email, password })
  await account.request('PATCH', `/v1/admin/users/${id}`, { password: 'another long password' })
  await revokedWithinASecond(first.cookie)
  expect((await ask('POST', '/v1/session', {}, { email, password })).status).toBe(401)
  const second = await signIn({ email, password: 'another long password' })
  await account.request('PATCH', `/v1/admin/users/${id}`, { disabled: true })
  await revokedWithinASecond(second.cookie)
  expect((await ask('POST', '/v1/session', {}, { email, password: 'another long password' })).status).toBe(401)
})

test('another role holds from the next second on', async () => {
  const { id, email } = await newUser('admin')
  const { cookie } = await signIn({ email, password })
  expect((await ask('GET', '/v1/admin/users', { cookie })).status).toBe(200)
  await account.request('PATCH', `/v1/admin/users/${id}`, { role: 'viewer' })
  await withinASecond(403, '/v1/admin/users', cookie)
})

test('disabling the account ends its sessions', async () => {
  const other = await earshot.account()
  const { cookie } = await signIn({ apiKey: other.apiKey })
  await disableAccount(earshot.ports, { name: `account ${other.id}` })
  await revokedWithinASecond(cookie)
  await enableAccount(earshot.ports, { name: `account ${other.id}` })
})

test('a session does not open what must be signed', async () => {
  const { cookie, csrfToken } = await signIn({ apiKey: account.apiKey })
  const body = { dateFrom: '2026-05-01', dateTo: '2026-05-02' }
  const answer = await ask('POST', '/api/v1/exports/ai-calls', { cookie, 'x-csrf-token': csrfToken }, body)
  expect(answer.status).toBe(401)
})

test('users are managed without handing out more than one has, and it is written down', async () => {
  const made = await account.request('POST', '/v1/admin/users', { email: 'eva@example.com', role: 'admin', password })
  expect(made.status).toBe(201)
  expect(made.json).not.toHaveProperty('password')
  const again = await account.request('POST', '/v1/admin/users', { email: 'EVA@example.com', role: 'viewer', password })
  expect(again.status).toBe(409)
  const short = await account.request('POST', '/v1/admin/users', { email: 'a@b.c', role: 'viewer', password: 'short' })
  expect(short.status).toBe(422)
  const manager = await account.request('POST', '/v1/admin/keys', { name: 'manager', scopes: ['admin'] })
  const as = { 'x-api-key': manager.json.apiKey }
  expect((await ask('POST', '/v1/admin/users', as, { email: 'm@b.c', role: 'admin', password })).status).toBe(403)
  expect((await ask('PATCH', `/v1/admin/users/${made.json.id}`, as, { password })).status).toBe(403)
  const { cookie, csrfToken } = await signIn({ email: 'eva@example.com', password })
  const self = { cookie, 'x-csrf-token': csrfToken }
  const own = { currentPassword: password, newPassword: 'a password of my own' }
  expect((await ask('POST', '/v1/session/password', self, own)).status).toBe(204)
  const shutOut = await ask('PATCH', `/v1/admin/users/${made.json.id}`, self, { disabled: true })
  expect(shutOut.status).toBe(409)
  const other = await earshot.account()
  expect((await other.request('PATCH', `/v1/admin/users/${made.json.id}`, { name: 'X' })).status).toBe(404)
  const listed = await ask('GET', '/v1/admin/users', { cookie })
  expect(listed.json.data.map((user: { email: string }) => user.email)).toContain('eva@example.com')
})
