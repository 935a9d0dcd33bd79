import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { until } from '../../../test/program.ts'
import { answering, openReceiver, type Receiver } from '../../../test/receiver.ts'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'
import type { WebhookEvent } from '../../domain/webhookEvents.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { announceEvent } from '../../features/webhooks/announce.ts'

let earshot: TestApp
let account: TestAccount
let receiver: Receiver
const now = Date.now

beforeAll(async () => {
  earshot = await openTestApp({ EARSHOT_WEBHOOK_PRIVATE: '127.0.0.0/8' })
  earshot.ports.jobs.start()
})
afterAll(() => earshot.close())
beforeEach(async () => {
  account = await earshot.account({ scopes: ['webhooks:manage', 'ingest:write'] })
  receiver = await openReceiver()
})
afterEach(async () => {
  earshot.ports.now = now
  await receiver.close()
})

const base = '/api/v1/webhooks'
const unknown = 'wh_0123456789abcdef01234567'

async function create(body: object = {}) {
  const made = await account.request('POST', base, { url: receiver.url, events: ['*'], ...body })
  expect(made.status, made.text).toBe(201)
  return made.json
}

async function announce(type: WebhookEvent = 'report.delivered', data: unknown = {}): Promise<void> {
  const at = earshot.ports.now()
  await announceEvent(earshot.ports.postgres, { accountId: account.id, now: at }, { type, data, at })
}

/** Waits until every delivery of an endpoint has ended; gives them, newest first. */
async function settled(id: string, count: number) {
  let deliveries: Record<string, string>[] = []
  await until(`${count} deliveries have ended`, async () => {
    deliveries = (await account.request('GET', `${base}/${id}/deliveries?limit=100`)).json.data
    return deliveries.length === count && deliveries.every(({ status }) => status !== 'pending')
  })
  return deliveries
}

describe('creating', () => {
  test('takes the secret that is sent, and shows it to nobody', async () => {
    const made = await create({ events: ['call.completed'], secret: 'my own secret key' })
    expect(made).toEqual({
      id: expect.stringMatching(/^wh_[0-9a-f]{24}$/),
      url: receiver.url,
      events: ['call.completed'],
      active: true,
      description: null,
      created_at: expect.stringMatching(/Z$/),
    })
    const stored = await earshot.ports.postgres.first<{ secret: Buffer }>(sql`
      SELECT secret
      FROM webhook_endpoints
      WHERE id = ${made.id}`)
    expect(stored?.secret.length).toBeGreaterThan(20)
    expect(stored?.secret.includes('my own secret key')).toBe(false)
  })

  test('makes a secret when none is sent, and shows it once', async () => {
    const made = await create({ description: 'the CRM' })
    expect(made.secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    const listed = await account.request('GET', base)
    expect(listed.json).toEqual({
      webhooks: [
        {
          id: made.id,
          url: receiver.url,
          events: ['*'],
          is_active: true,
          description: 'the CRM',
          disabled_reason: null,
          failing_since: null,
          created_at: made.created_at,
          updated_at: made.created_at,
        },
      ],
    })
    expect((await account.request('GET', `${base}/${made.id}`)).json).toEqual(listed.json.webhooks[0])
  })

  test.each([
    [{ events: ['*'] }, 'url', 'is required'],
    [{ url: 'https://example.com' }, 'events', 'is required'],
    [{ url: 'example', events: ['*'] }, 'url', 'must be an absolute URL'],
    [{ url: 'https://u:p@example.com', events: ['*'] }, 'url', 'must not hold a user name or password'],
    [{ url: 'https://10.0.0.1/', events: ['*'] }, 'url', 'a private address'],
    [{ url: 'http://[::1]/', events: ['*'] }, 'url', 'a loopback address'],
    [{ url: 'http://169.254.169.254/latest', events: ['*'] }, 'url', 'a link-local address'],
    [{ url: 'http://1.1.1.1/', events: ['*'] }, 'url', 'only https is allowed'],
    [{ url: 'https://nothing.invalid/', events: ['*'] }, 'url', 'does not resolve'],
    [{ url: 'https://1.1.1.1/', events: [] }, 'events', 'must have at least one event'],
    [{ url: 'https://1.1.1.1/', events: 'call.started' }, 'events', 'must be a list of events'],
    [{ url: 'https://1.1.1.1/', events: ['ticket.created'] }, 'events.0', 'call.started, call.completed'],
    [{ url: 'https://1.1.1.1/', events: ['webhook.test'] }, 'events.0', '"webhook.test" is no event'],
    [{ url: 'https://1.1.1.1/', events: ['*'], secret: '' }, 'secret', 'at least 16 bytes'],
    [{ url: 'https://1.1.1.1/', events: ['*'], description: 'a\0b' }, 'description', 'null characters'],
    [{ url: 'https://1.1.1.1/', events: ['*'], secret: 'fifteen bytes..' }, 'secret', 'at least 16 bytes'],
    [{ url: 'https://1.1.1.1/', events: ['*'], secret: 'whsec_c2hvcnQ=' }, 'secret', 'at least 16 bytes'],
    [{ url: 'https://1.1.1.1/', events: ['*'], secret: 'whsec_-_-_-_-_-_-_-_-_-_-_-_-_' }, 'secret', 'must be base64'],
    [{ url: 'https://1.1.1.1/', events: ['*'], secret: 'whsec_this is no base64 at all' }, 'secret', 'must be base64'],
    [{ url: 'https://1.1.1.1/', events: ['*'], active: 'no' }, 'active', ''],
  ])('refuses %j: %s', async (body, field, message) => {
    const refused = await account.request('POST', base, body)
    expect(refused.status).toBe(422)
    expect(refused.json).toMatchObject({
      error: 'validation_error',
      details: [{ field, message: expect.stringContaining(message) }],
    })
  })

  test('makes one that is sent nothing before it is enabled, when it says so', async () => {
    const made = await create({ active: false })
    expect(made).toMatchObject({ active: false })
    expect((await account.request('GET', `${base}/${made.id}`)).json).toMatchObject({
      is_active: false,
      disabled_reason: 'Disabled by request.',
    })
    await announce('report.delivered', { is: 'before' })
    expect((await account.request('POST', `${base}/${made.id}/enable`)).json).toMatchObject({ is_active: true })
    await announce('report.delivered', { is: 'after' })
    await receiver.count(1)
    expect(receiver.requests.map(({ json }) => json.data)).toEqual([{ is: 'after' }])
  })

  test('needs the scope', async () => {
    const reader = await earshot.account({ scopes: ['calls:read'] })
    const refused = await reader.request('GET', base)
    expect(refused).toMatchObject({ status: 403, json: { error: 'forbidden' } })
    expect((await account.request('GET', base, undefined, { 'X-Api-Key': 'wrong' })).json.error).toBe('unauthorized')
  })
})

describe('changing', () => {
  test('replaces what is sent and keeps the rest', async () => {
    const { id } = await create({ events: ['call.started'], description: 'old' })
    const changed = await account.request('PATCH', `${base}/${id}`, { events: ['call.completed', 'call.completed'] })
    expect(changed).toMatchObject({
      status: 200,
      json: { url: receiver.url, events: ['call.completed'], description: 'old' },
    })
    const cleared = await account.request('PATCH', `${base}/${id}`, { description: null, url: `${receiver.url}/2` })
    expect(cleared.json).toMatchObject({ url: `${receiver.url}/2`, events: ['call.completed'], description: null })
    expect((await account.request('PATCH', `${base}/${id}`, {})).status).toBe(422)
    const refused = await account.request('PATCH', `${base}/${id}`, { url: 'https://10.0.0.1/' })
    expect(refused).toMatchObject({ status: 422, json: { details: [{ field: 'url' }] } })
  })

  test('disables and enables, as often as it is asked', async () => {
    const { id } = await create()
    for (const [verb, state] of [
      ['disable', { is_active: false, disabled_reason: 'Disabled by request.' }],
      ['enable', { is_active: true, disabled_reason: null }],
    ] as const) {
      for (let time = 0; time < 2; time++) {
        expect((await account.request('POST', `${base}/${id}/${verb}`)).json).toMatchObject(state)
      }
    }
  })

  test('rotates the secret, also to one that is sent', async () => {
    const { id, secret } = await create()
    const rotated = await account.request('POST', `${base}/${id}/rotate-secret`)
    expect(rotated.json).toEqual({
      id,
      secret: expect.stringMatching(/^whsec_/),
      previous_secret_expires_at: expect.any(String),
    })
    expect(rotated.json.secret).not.toBe(secret)
    const hours = (Date.parse(rotated.json.previous_secret_expires_at) - now()) / 3_600_000
    expect(hours).toBeCloseTo(24, 1)
    const sent = await account.request('POST', `${base}/${id}/rotate-secret`, {
      secret: 'a secret of mine',
      overlap_seconds: 0,
    })
    expect(sent.json).toEqual({ id, previous_secret_expires_at: null })
    const refused = await account.request('POST', `${base}/${id}/rotate-secret`, { overlap_seconds: -1 })
    expect(refused.json.details).toEqual([{ field: 'overlap_seconds', message: 'must be from 0 to 2592000' }])
  })
})

describe('a test', () => {
  test('goes the way of every event, to one endpoint alone', async () => {
    const { id } = await create({ events: ['call.started'] })
    const other = await create({ url: `${receiver.url}/other` })
    const sent = await account.request('POST', `${base}/${id}/test`)
    expect(sent.status).toBe(202)
    const [delivery] = await settled(id, 1)
    expect(delivery).toMatchObject({ id: sent.json.delivery_id, event_type: 'webhook.test', status: 'succeeded' })
    expect(receiver.requests.map(({ json }) => json)).toMatchObject([
      { id: sent.json.event_id, type: 'webhook.test', data: { endpoint_id: id } },
    ])
    await settled(other.id, 0)
  })

  test('is refused while the endpoint is disabled', async () => {
    const { id } = await create()
    await account.request('POST', `${base}/${id}/disable`)
    expect(await account.request('POST', `${base}/${id}/test`)).toMatchObject({
      status: 409,
      json: { error: 'conflict', message: expect.stringContaining('enable it first') },
    })
  })
})

describe('deliveries', () => {
  test('are listed newest first, page after page, and by status', async () => {
    const { id } = await create()
    receiver.behave((response, { json }) => void response.writeHead(json.data.place === 3 ? 410 : 200).end())
    for (let place = 0; place < 4; place++) {
      earshot.ports.now = () => now() + place
      await announce('report.delivered', { place })
      await receiver.count(place + 1)
    }
    const walked: string[] = []
    let cursor = ''
    do {
      const page = await account.request('GET', `${base}/${id}/deliveries?limit=3${cursor}`)
      walked.push(...page.json.data.map(({ event_id: event }: { event_id: string }) => event))
      cursor = page.json.next_cursor ? `&cursor=${page.json.next_cursor}` : ''
    } while (cursor !== '')
    expect(walked).toEqual(receiver.requests.map(({ json }) => json.id).toReversed())
    await until('all is written', async () => {
      const done = await account.request('GET', `${base}/${id}/deliveries?status=succeeded`)
      const waiting = await account.request('GET', `${base}/${id}/deliveries?status=pending`)
      return done.json.data.length === 3 && waiting.json.data[0]?.attempts[0]?.status === 410
    })
    expect((await account.request('GET', `${base}/${id}/deliveries?status=failed`)).json.data).toEqual([])
  })

  test.each([
    ['limit=0', 'limit'],
    ['limit=101', 'limit'],
    ['limit=x', 'limit'],
    ['status=lost', 'status'],
    ['cursor=nonsense', 'cursor'],
  ])('with ?%s are refused', async (query, field) => {
    const { id } = await create()
    const refused = await account.request('GET', `${base}/${id}/deliveries?${query}`)
    expect(refused).toMatchObject({ status: 422, json: { error: 'validation_error', details: [{ field }] } })
  })

  test('show the body that was sent', async () => {
    const { id } = await create()
    await announce('export.completed', { export_id: 'x' })
    const [listed] = await settled(id, 1)
    const shown = await account.request('GET', `${base}/${id}/deliveries/${listed?.['id']}`)
    expect(shown.json).toEqual({ ...listed, payload: receiver.requests[0]?.json })
  })

  test('are sent again one by one, with the same event', async () => {
    const { id } = await create()
    await announce()
    const [first] = await settled(id, 1)
    const again = await account.request('POST', `${base}/${id}/deliveries/${first?.['id']}/resend`)
    expect(again).toMatchObject({ status: 202, json: { event_id: first?.['event_id'] } })
    await settled(id, 2)
    const [one, two] = receiver.requests
    expect(two?.body).toBe(one?.body)
    expect(again.json.delivery_id).not.toBe(first?.['id'])
  })

  test('are sent again since a time, each event once', async () => {
    const { id } = await create()
    const at = now()
    for (const [place, offsetMs] of [-2000, -1000, 0].entries()) {
      earshot.ports.now = () => at + offsetMs
      await announce('report.delivered', { place })
    }
    earshot.ports.now = now
    await settled(id, 3)
    const resend = (body: object) => account.request('POST', `${base}/${id}/resend`, body)
    const since = new Date(at - 1000).toISOString()
    expect(await resend({ since, status: 'failed' })).toMatchObject({ status: 202, json: { resent: 0 } })
    expect((await resend({ since })).json).toEqual({ resent: 2, next_since: null })
    await settled(id, 5)
    expect((await resend({ since, until: new Date(at).toISOString() })).json.resent).toBe(1)
    await settled(id, 6)
    const places = receiver.requests.map(({ json }) => Number(json.data.place)).toSorted((a, b) => a - b)
    expect(places).toEqual([0, 1, 1, 1, 2, 2])
    expect((await resend({ since: 'yesterday' })).json.details).toMatchObject([{ field: 'since' }])
    expect((await resend({})).json.details).toEqual([{ field: 'since', message: 'is required' }])
  })

  test('that are still being tried are not doubled', async () => {
    const { id } = await create()
    receiver.behave(answering(500))
    await announce()
    await receiver.count(1)
    const since = new Date(now() - 60_000).toISOString()
    expect((await account.request('POST', `${base}/${id}/resend`, { since })).json.resent).toBe(0)
  })
})

describe('what belongs to another account', () => {
  test('does not exist', async () => {
    const { id } = await create()
    await announce()
    const [delivery] = await settled(id, 1)
    const stranger = await earshot.account()
    const since = new Date(0).toISOString()
    const requests: [string, string, object?][] = [
      ['GET', `${base}/${id}`],
      ['PATCH', `${base}/${id}`, { description: 'mine' }],
      ['DELETE', `${base}/${id}`],
      ['POST', `${base}/${id}/enable`],
      ['POST', `${base}/${id}/disable`],
      ['POST', `${base}/${id}/rotate-secret`, {}],
      ['POST', `${base}/${id}/test`],
      ['POST', `${base}/${id}/resend`, { since }],
      ['GET', `${base}/${id}/deliveries`],
      ['GET', `${base}/${id}/deliveries/${delivery?.['id']}`],
      ['POST', `${base}/${id}/deliveries/${delivery?.['id']}/resend`],
    ]
    for (const [method, path, body] of requests) {
      const answer = await stranger.request(method, path, body)
      expect([answer.status, answer.json.error], `${method} ${path}`).toEqual([404, 'not_found'])
    }
    const own = await stranger.request('POST', base, { url: receiver.url, events: ['*'] })
    const crossed = await stranger.request('GET', `${base}/${own.json.id}/deliveries/${delivery?.['id']}`)
    expect(crossed.status).toBe(404)
    expect((await stranger.request('GET', base)).json.webhooks).toHaveLength(1)
    expect((await account.request('GET', `${base}/${id}`)).json).toMatchObject({ is_active: true, description: null })
  })

  test.each([unknown, 'wh_%00', 'nonsense'])('neither does %s', async (id) => {
    expect((await account.request('GET', `${base}/${id}`)).status).toBe(404)
  })
})

test('the events of calls are asked for by name or as call.*', async () => {
  expect((await create({ events: ['call.*', 'export.failed'] })).events).toEqual(['call.*', 'export.failed'])
  const refused = await account.request('POST', base, { url: receiver.url, events: ['calls.*'] })
  expect([refused.status, refused.json.details[0].message]).toEqual([422, expect.stringContaining('such as call.*')])
})

test('a call is told of as it starts and ends', async () => {
  await create({ events: ['call.started', 'call.completed'] })
  const startedAt = new Date(now() - 60_000).toISOString()
  const call = { id: 'c1', channel: 'phone', status: 'active', startedAt, externalEndpoint: '+56912345678' }
  await account.request('POST', '/v1/ingest/calls', call)
  await receiver.count(1)
  await account.request('POST', '/v1/ingest/calls', { id: 'c1', status: 'completed', durationSeconds: 30 })
  await receiver.count(2)
  expect(receiver.requests.map(({ json }) => [json.type, json.data.id, json.data.status])).toEqual([
    ['call.started', 'c1', 'active'],
    ['call.completed', 'c1', 'completed'],
  ])
  expect(receiver.requests[1]?.json.data).toMatchObject({ caller_id: '+56912345678', duration_seconds: 30 })
})

test('what waits to be sent is among the figures', async () => {
  const text = (await account.request('GET', '/metrics')).text
  expect(text).toMatch(/^earshot_webhook_deliveries_pending \d+$/m)
  expect(text).toMatch(/^earshot_webhook_oldest_due_seconds [\d.]+$/m)
})
