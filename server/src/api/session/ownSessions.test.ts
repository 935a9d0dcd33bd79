import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'
import { systemControl } from '../../features/accounts/controlContext.ts'
import { createUser } from '../../features/users/createUser.ts'
import { sql } from '../../store/postgres/postgres.ts'

let earshot: TestApp
let account: TestAccount
const password = 'correct horse battery'

beforeAll(async () => {
  earshot = await openTestApp({ EARSHOT_SESSION_HOURS: '2', EARSHOT_SESSION_IDLE_MINUTES: '10' })
  account = await earshot.account()
  for (const email of ['ana@example.com', 'ben@example.com']) {
    await createUser(systemControl(earshot.ports, account.id), { email, role: 'viewer', password })
  }
})
afterAll(() => earshot.close())

type Browser = Record<string, string>

async function ask(browser: Browser, method: string, path: string, body?: object) {
  const response = await fetch(earshot.url + path, {
    method,
    headers: { ...browser, ...(body ? { 'Content-Type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, json: text === '' ? undefined : JSON.parse(text) }
}

async function signIn(
  name: string,
  credentials: object = { email: `${name}@example.com`, password },
): Promise<Browser> {
  const answer = await ask({ 'User-Agent': `browser of ${name}` }, 'POST', '/v1/session', credentials)
  expect(answer.status).toBe(201)
  const Cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  return { Cookie, 'X-CSRF-Token': answer.json.csrfToken }
}

interface Listed {
  id: string
  isCurrent: boolean
  userAgent: string
}

const listOf = async (browser: Browser): Promise<Listed[]> => (await ask(browser, 'GET', '/v1/sessions')).json.data
const isIn = async (browser: Browser) => (await ask(browser, 'GET', '/v1/session')).status === 200

test('people see where they are signed in, and end one of these without the others', async () => {
  const [here, there, other] = [await signIn('ana'), await signIn('ana'), await signIn('ben')]
  const listed = await listOf(here)
  expect(listed.map(({ userAgent }) => userAgent)).toEqual(['browser of ana', 'browser of ana'])
  expect(listed.filter(({ isCurrent }) => isCurrent)).toHaveLength(1)
  const elsewhere = listed.find(({ isCurrent }) => !isCurrent)?.id ?? ''
  expect((await ask(here, 'DELETE', `/v1/sessions/${elsewhere}`)).status).toBe(204)
  expect([await isIn(here), await isIn(there), await isIn(other)]).toEqual([true, false, true])
  expect(await listOf(here)).toHaveLength(1)
  expect((await ask(here, 'DELETE', `/v1/sessions/${elsewhere}`)).status).toBe(404)
  const audited = await earshot.ports.postgres.query(
    sql`SELECT 1 FROM audit_events WHERE subject = ${`session:${elsewhere}`}`,
  )
  expect(audited).toHaveLength(1)
})

test('nobody ends the session of another, and nobody without one of their own or its token', async () => {
  const [ana, ben] = [await signIn('ana'), await signIn('ben')]
  const id = (await listOf(ben)).find(({ isCurrent }) => isCurrent)?.id ?? ''
  expect((await ask(ana, 'DELETE', `/v1/sessions/${id}`)).status).toBe(404)
  expect((await ask({ Cookie: ben['Cookie'] ?? '' }, 'DELETE', `/v1/sessions/${id}`)).status).toBe(403)
  for (const odd of ['x', '%00', 'x'.repeat(190)]) {
    expect((await ask(ana, 'DELETE', `/v1/sessions/${odd}`)).status, odd).toBe(404)
  }
  expect((await ask({}, 'GET', '/v1/sessions')).status).toBe(401)
  expect(await isIn(ben)).toBe(true)
})

test('an e-mail address or an account with a null character is refused', async () => {
  for (const odd of [{ email: 'a\0@example.com' }, { email: 'a@example.com', account: '\0' }]) {
    expect((await ask({}, 'POST', '/v1/session', { ...odd, password })).status).toBe(422)
  }
})

test('whoever signed in with a key sees the sessions of that key', async () => {
  const keyed = await signIn('key', { apiKey: account.apiKey })
  expect(await listOf(keyed)).toMatchObject([{ isCurrent: true, userAgent: 'browser of key' }])
})

test('the settings say how long a session lasts', async () => {
  const answer = await ask({}, 'POST', '/v1/session', { email: 'ana@example.com', password })
  expect(answer.headers.get('set-cookie')).toContain('Max-Age=7200')
  const browser = { Cookie: (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '' }
  const { now } = earshot.ports
  try {
    earshot.ports.now = () => now() + 9 * 60_000
    expect(await isIn(browser)).toBe(true)
    earshot.ports.now = () => now() + 20 * 60_000
    expect(await isIn(browser)).toBe(false)
  } finally {
    earshot.ports.now = now
  }
})
