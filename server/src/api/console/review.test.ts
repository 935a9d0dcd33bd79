import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'
import { systemControl } from '../../features/accounts/controlContext.ts'
import { createUser } from '../../features/users/createUser.ts'
import { sql } from '../../store/postgres/postgres.ts'

let earshot: TestApp
let account: TestAccount

const password = 'correct horse battery'
const review = { callId: 'known', question: '¿Saluda?', answer: 'Sí', score: 7.5, comment: 'Muy cordial.' }

beforeAll(async () => {
  earshot = await openTestApp()
  account = await earshot.account()
  const known = {
    id: 'known',
    channel: 'phone',
    status: 'completed',
    startedAt: '2026-05-03T14:05:07Z',
    durationSeconds: 30,
  }
  expect((await account.request('POST', '/v1/ingest/calls', [known, { ...known, id: 'gone' }])).status).toBe(200)
  expect((await account.request('DELETE', '/v1/ingest/calls/gone')).status).toBe(200)
})

afterAll(() => earshot.close())

const add = (body: object, by = account) => by.request('POST', '/v1/console/reviews', body)

async function reviewsOfCall() {
  const { json } = await account.request('GET', '/v1/records/calls/known?include=reviews')
  return json.data.reviews
}

/** Adds the review in a session of a user with this role; gives the status. */
async function addAs(role: string, bringsToken = true): Promise<number> {
  const email = `${role}.${bringsToken}@example.com`
  await createUser(systemControl(earshot.ports, account.id), { email, name: `An ${role}`, role, password })
  const signedIn = await fetch(`${earshot.url}/v1/session`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ email, password }),
  })
  const { csrfToken } = (await signedIn.json()) as { csrfToken: string }
  const answer = await fetch(`${earshot.url}/v1/console/reviews`, {
    method: 'POST',
    headers: {
      'Content-Type': 'application/json',
      Cookie: (signedIn.headers.get('set-cookie') ?? '').split(';')[0] ?? '',
      ...(bringsToken ? { 'X-CSRF-Token': csrfToken } : {}),
    },
    body: JSON.stringify({ ...review, question: `Asked by an ${role}` }),
  })
  return answer.status
}

test('a review is with its call at once, and it is written down who added it', async () => {
  const answer = await add(review)
  expect(answer.status).toBe(201)
  const { id, reviewedAt, reviewerId, reviewerName } = answer.json.data
  expect(await reviewsOfCall()).toMatchObject([
    {
      id,
      callId: 'known',
      questionName: '¿Saluda?',
      answerName: 'Sí',
      score: 7.5,
      answerScore: 7.5,
      worstScore: 0,
      bestScore: 10,
      comment: 'Muy cordial.',
      reviewedAt,
      reviewerId,
      reviewerName,
      kind: 'Quality',
      status: 'Completed',
    },
  ])
  expect(Math.abs(Date.parse(reviewedAt) - earshot.ports.now())).toBeLessThan(60_000)
  expect(reviewerName.length).toBeGreaterThan(0)
  const audited = await earshot.ports.postgres.query(sql`
    SELECT actor, subject, details
    FROM audit_events
    WHERE account_id = ${account.id}
      AND action = 'review.added'`)
  expect(audited).toEqual([{ actor: `key:${reviewerId}`, subject: `review:${id}`, details: { callId: 'known' } }])
})

test('analysts and administrators review under their own names, viewers do not, and the CSRF token is asked for', async () => {
  expect([await addAs('viewer'), await addAs('analyst'), await addAs('admin'), await addAs('admin', false)]).toEqual([
    403, 201, 201, 403,
  ])
  const byUsers = (await reviewsOfCall()).filter((one: { questionName: string }) =>
    one.questionName.startsWith('Asked by'),
  )
  expect(byUsers.map((one: { reviewerName: string }) => one.reviewerName)).toEqual(['An analyst', 'An admin'])
})

test('a key needs to read calls and to write records', async () => {
  for (const scopes of [['calls:read', 'analytics:export'], ['ingest:write']]) {
    expect((await add(review, await earshot.account({ scopes }))).status).toBe(403)
  }
})

test('a call that is not there, was deleted or is of another account is told so', async () => {
  for (const answer of [
    await add({ ...review, callId: 'nothing' }),
    await add({ ...review, callId: 'gone' }),
    await add(review, await earshot.account()),
  ]) {
    expect(answer.status).toBe(404)
    expect(answer.json.error.message).toMatch(/^There is no call "/)
  }
})

test('a review says something, about a question, within its limits', async () => {
  const before = (await reviewsOfCall()).length
  for (const wrong of [
    { callId: 'known', question: '¿Saluda?' },
    { ...review, question: '  ' },
    { ...review, score: 10.5 },
    { ...review, score: -1 },
    { ...review, comment: 'x'.repeat(5001) },
    { ...review, reviewerName: 'Somebody else' },
  ]) {
    expect((await add(wrong)).status, JSON.stringify(wrong).slice(0, 100)).toBe(422)
  }
  expect(await reviewsOfCall()).toHaveLength(before)
})
