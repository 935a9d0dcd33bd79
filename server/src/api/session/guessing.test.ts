import { createHook } from 'node:async_hooks'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'
import { systemControl } from '../../features/accounts/controlContext.ts'
import { createUser } from '../../features/users/createUser.ts'
import { passwordMatches } from '../../features/users/password.ts'
import { sql } from '../../store/postgres/postgres.ts'

let earshot: TestApp
let account: TestAccount

const password = 'correct horse battery'
const wrong = 'not the right one'
const [office, home] = ['192.0.2.7', '198.51.100.9']

beforeAll(async () => {
  // Tests come from many addresses by way of a proxy.
  earshot = await openTestApp({ EARSHOT_TRUSTED_PROXIES: '127.0.0.0/8' })
})
afterAll(() => earshot.close())

let made = 0
let email: string
let userId: string
beforeEach(async () => {
  account = await earshot.account()
  email = `person${made++}@example.com`
  userId = (await createUser(systemControl(earshot.ports, account.id), { email, role: 'viewer', password })).id
})

async function signIn(from: string, credentials: object): Promise<{ status: number; retryAfter: number }> {
  const answer = await fetch(`${earshot.url}/v1/session`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-Forwarded-For': from },
    body: JSON.stringify(credentials),
  })
  await answer.arrayBuffer()
  return { status: answer.status, retryAfter: Number(answer.headers.get('retry-after')) }
}

const statusOf = async (from: string, credentials: object) => (await signIn(from, credentials)).status

/** One guess from each of so many addresses. */
const guessFromMany = (at: string, count: number) =>
  Promise.all(
    Array.from({ length: count }, (_, index) => statusOf(`203.0.113.${index}`, { email: at, password: wrong })),
  )

const countOf = (statuses: number[], status: number) => statuses.filter((found) => found === status).length

test('an e-mail address is guessed at ten times, from however many addresses; where they signed in before people get in', async () => {
  expect(await statusOf(home, { email, password })).toBe(201)
  const statuses = await guessFromMany(email, 16)
  expect([countOf(statuses, 401), countOf(statuses, 429)]).toEqual([10, 6])
  const elsewhere = await signIn(office, { email, password })
  expect(elsewhere.status).toBe(429)
  expect(elsewhere.retryAfter).toBeGreaterThan(0)
  expect(elsewhere.retryAfter).toBeLessThanOrEqual(900)
  expect(await statusOf(home, { email: email.toUpperCase(), password })).toBe(201)
  // With a key people get in anywhere.
  expect(await statusOf(office, { apiKey: account.apiKey })).toBe(201)
  earshot.ports.now = () => Date.now() + 16 * 60_000
  expect(await statusOf(office, { email, password })).toBe(201)
  earshot.ports.now = () => Date.now()
})

test('an address that nobody has is braked as one that somebody has', async () => {
  const statuses = await guessFromMany('nobody@example.com', 12)
  expect([countOf(statuses, 401), countOf(statuses, 429)]).toEqual([10, 2])
})

test('what somebody mistyped is forgiven once they get in', async () => {
  for (const _ of [1, 2]) {
    for (let tried = 0; tried < 6; tried++) expect(await statusOf(home, { email, password: wrong })).toBe(401)
    expect(await statusOf(home, { email, password })).toBe(201)
  }
})

test('an address from which too much failed guesses no further; the people of that office still get in', async () => {
  expect(await statusOf(office, { email, password })).toBe(201)
  await earshot.ports.postgres.run(sql`
    INSERT INTO sign_in_tries (email_hash, network, at)
    SELECT decode(md5(number::text), 'hex'), ${office}, ${new Date(earshot.ports.now())}
    FROM generate_series(1, 100) AS number`)
  expect(await statusOf(office, { email: 'next@example.com', password: wrong })).toBe(429)
  expect(await statusOf(home, { email: 'next@example.com', password: wrong })).toBe(401)
  expect(await statusOf(office, { email, password })).toBe(201)
})

test('what was refused stands in the audit of the account, with the address', async () => {
  await statusOf(home, { email, password: wrong })
  const found = await earshot.ports.postgres.query(sql`
    SELECT subject, details
    FROM audit_events
    WHERE account_id = ${account.id}
      AND action = 'session.refused'`)
  expect(found).toEqual([{ subject: `user:${userId}`, details: { address: home } }])
})

test('a password is compared whole', async () => {
  expect(await statusOf(home, { email, password: `${password}\0` })).toBe(401)
  expect(await statusOf(home, { email, password: `${password} ` })).toBe(401)
  expect(await statusOf(home, { email, password })).toBe(201)
})

test('a crowd of one holds nobody else up for longer than a turn', async () => {
  const order: string[] = []
  const tryAs = (by: string, isKnown: boolean) =>
    passwordMatches(password, undefined, { by, isKnown }).then(() => void order.push(by))
  const crowd = Array.from({ length: 6 }, () => tryAs('crowd', false))
  await Promise.all([...crowd, tryAs('other', false), tryAs('known', true)])
  // The first of the crowd had begun before the others came.
  expect(order).toEqual(['crowd', 'known', 'crowd', 'other', 'crowd', 'crowd', 'crowd', 'crowd'])
})

test('a sign-in costs the same comparisons for an unknown address, one account and several', async () => {
  let comparisons = 0
  const hook = createHook({ init: (_id, type) => void (comparisons += type === 'SCRYPTREQUEST' ? 1 : 0) })
  const costOf = async (credentials: object) => {
    comparisons = 0
    expect(await statusOf('198.18.0.1', { password: wrong, ...credentials })).toBe(401)
    return comparisons
  }
  const inThree = `three${made}@example.com`
  for (let place = 0; place < 3; place++) {
    const { id } = await earshot.account()
    await createUser(systemControl(earshot.ports, id), { email: inThree, role: 'viewer', password })
  }
  hook.enable()
  try {
    await costOf({ email: 'first@example.com' })
    const costs = [
      await costOf({ email: 'unknown@example.com' }),
      await costOf({ email }),
      await costOf({ email: inThree }),
    ]
    expect(costs).toEqual([3, 3, 3])
    const named = { account: `account ${account.id}` }
    const costsInOne = [await costOf({ email: 'unknown@example.com', ...named }), await costOf({ email, ...named })]
    expect(costsInOne).toEqual([1, 1])
  } finally {
    hook.disable()
  }
})
