import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'
import { systemControl } from '../../features/accounts/controlContext.ts'
import { createUser } from '../../features/users/createUser.ts'

let earshot: TestApp
let account: TestAccount

const email = 'ana@example.com'
const password = 'correct horse battery'
const next = 'another long password'

beforeAll(async () => {
  earshot = await openTestApp()
  account = await earshot.account()
  await createUser(systemControl(earshot.ports, account.id), { email, role: 'viewer', password })
})

afterAll(() => earshot.close())

async function ask(method: string, path: string, headers: Record<string, string>, body?: unknown) {
  const response = await fetch(earshot.url + path, {
    method,
    headers: { 'Content-Type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, headers: response.headers, json: text === '' ? undefined : JSON.parse(text) }
}

async function signIn(credentials: object): Promise<{ cookie: string; 'x-csrf-token': string }> {
  const answer = await ask('POST', '/v1/session', {}, credentials)
  expect(answer.status).toBe(201)
  const cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  return { cookie, 'x-csrf-token': answer.json.csrfToken }
}

const change = (headers: Record<string, string>, currentPassword: string, newPassword: string) =>
  ask('POST', '/v1/session/password', headers, { currentPassword, newPassword })

test('viewers change their own password: the session goes on, their others end, the old password is gone', async () => {
  const [here, elsewhere] = [await signIn({ email, password }), await signIn({ email, password })]
  expect((await change(here, password, next)).status).toBe(204)
  expect((await ask('GET', '/v1/session', here)).status).toBe(200)
  expect((await ask('GET', '/v1/session', elsewhere)).status).toBe(401)
  expect((await ask('POST', '/v1/session', {}, { email, password })).status).toBe(401)
  await signIn({ email, password: next })
  expect((await change(here, next, password)).status).toBe(204)
})

test('a wrong password, a short one, a known one, a missing token and a key change nothing', async () => {
  const session = await signIn({ email, password })
  const wrong = await change(session, 'not the password', next)
  expect([wrong.status, wrong.json.error.details[0].field]).toEqual([422, 'currentPassword'])
  const short = await change(session, password, 'short')
  expect([short.status, short.json.error.details[0].field]).toEqual([422, 'password'])
  const known = await change(session, password, 'qwertyqwerty')
  expect([known.status, known.json.error.details[0].field]).toEqual([422, 'password'])
  expect((await change({ cookie: session.cookie }, password, next)).status).toBe(403)
  expect((await change({}, password, next)).status).toBe(401)
  expect((await change(await signIn({ apiKey: account.apiKey }), password, next)).status).toBe(409)
  await signIn({ email, password })
})

test.each(['made', 'given anew'])(
  'a password that somebody else gave opens nothing before it is changed: %s',
  async (how) => {
    const given = { email: `${how.replace(' ', '.')}@example.com`, role: 'admin' }
    const made = await account.request('POST', '/v1/admin/users', { ...given, password })
    const [old, fresh] = [password, next]
    if (how === 'given anew') {
      expect((await change(await signIn({ email: given.email, password }), password, next)).status).toBe(204)
      await account.request('PATCH', `/v1/admin/users/${made.json.id}`, { password })
    }
    const session = await signIn({ email: given.email, password: old })
    const mustChange = async () => (await ask('GET', '/v1/session', session)).json.mustChangePassword
    const status = async (path: string) => (await ask('GET', path, session)).status
    expect([await mustChange(), await status('/v1/records/calls'), await status('/v1/admin/users')]).toEqual([
      true,
      403,
      403,
    ])
    expect((await change(session, old, old)).status).toBe(422)
    expect((await change(session, old, fresh)).status).toBe(204)
    expect([await mustChange(), await status('/v1/records/calls'), await status('/v1/admin/users')]).toEqual([
      false,
      200,
      200,
    ])
  },
)
