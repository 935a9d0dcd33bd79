import { createHmac, randomBytes } from 'node:crypto'
import { Webhook } from 'standardwebhooks'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { until } from '../../../test/program.ts'
import { answering, openReceiver, type Receiver } from '../../../test/receiver.ts'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'
import type { WebhookEvent } from '../../domain/webhookEvents.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { announceEvent, announcementStatements, type Announcement } from './announce.ts'
import { deliverEvents } from './deliverEvents.ts'
import { expireWebhooks } from './expireWebhooks.ts'
import { retryPausesMs } from './retry.ts'

let earshot: TestApp
let account: TestAccount
let receiver: Receiver
const now = Date.now

beforeAll(async () => {
  earshot = await openTestApp({ EARSHOT_WEBHOOK_PRIVATE: '127.0.0.0/8', EARSHOT_WEBHOOK_TIMEOUT_SECONDS: '5' })
  earshot.ports.jobs.start()
})
afterAll(() => earshot.close())
beforeEach(async () => {
  account = await earshot.account()
  receiver = await openReceiver()
})
afterEach(async () => {
  earshot.ports.now = now
  await receiver.close()
})

const hourMs = 3_600_000
const dayMs = 24 * hourMs

async function subscribe(body: object = {}, by = account) {
  const made = await by.request('POST', '/api/v1/webhooks', { url: receiver.url, events: ['*'], ...body })
  expect(made.status, made.text).toBe(201)
  return made.json as { id: string; secret: string }
}

async function announce(type: WebhookEvent = 'report.delivered', data: unknown = { report: 'r1' }, by = account) {
  const at = earshot.ports.now()
  await announceEvent(earshot.ports.postgres, { accountId: by.id, now: at }, { type, data, at })
}

async function deliveriesOf(id: string, query = '') {
  const answer = await account.request('GET', `/api/v1/webhooks/${id}/deliveries${query}`)
  expect(answer.status, answer.text).toBe(200)
  return answer.json.data
}

async function endpointOf(id: string) {
  return (await account.request('GET', `/api/v1/webhooks/${id}`)).json
}

/** Waits until the only delivery of an endpoint has had so many attempts. */
async function attempted(id: string, attempts: number): Promise<void> {
  await until(`${attempts} attempts`, async () => (await deliveriesOf(id))[0]?.attempt_count >= attempts)
}

/** Moves the clock to where the delivery is due again. */
async function skipToNextAttempt(id: string): Promise<void> {
  const [{ next_attempt_at: at }] = await deliveriesOf(id)
  earshot.ports.now = () => Date.parse(at)
}

test('an event whose notice was lost is sent all the same', async () => {
  await subscribe()
  const announcement = { type: 'report.delivered', data: {}, at: earshot.ports.now() } as const
  const told = announcementStatements(account.id, [announcement], {
    source: sql`(SELECT 1) AS once`,
    batch: null,
    now: now(),
  })
  await earshot.ports.postgres.run(sql`WITH ${told} SELECT 1`)
  await receiver.count(1)
})

describe('what a receiver gets', () => {
  test('is the event as JSON, signed in both ways', async () => {
    const { id, secret } = await subscribe()
    await announce('report.delivered', { report: 'r1', name: 'Año' })
    await receiver.count(1)
    const [{ body, json, headers }] = receiver.requests as [Receiver['requests'][0]]
    expect(json).toEqual({
      id: expect.stringMatching(/^evt_/),
      type: 'report.delivered',
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      data: { report: 'r1', name: 'Año' },
    })
    expect(Object.keys(json)).toEqual(['id', 'type', 'timestamp', 'data'])
    expect(headers['content-type']).toBe('application/json')
    expect(headers['user-agent']).toMatch(/^Earshot\/\d/)
    expect(headers['webhook-id']).toBe(json.id)
    expect(headers['x-aurion-signature']).toBe(`sha256=${createHmac('sha256', secret).update(body).digest('hex')}`)
    expect(new Webhook(secret).verify(body, headers as Record<string, string>)).toEqual(json)
    expect(() => new Webhook(secret).verify(`${body} `, headers as Record<string, string>)).toThrow('No matching')
    await attempted(id, 1)
    expect((await deliveriesOf(id))[0]).toMatchObject({
      event_id: json.id,
      event_type: 'report.delivered',
      status: 'succeeded',
      attempts: [{ status: 200, error: null, response_start: 'thanks', duration_ms: expect.any(Number) }],
      next_attempt_at: null,
      finished_at: expect.any(String),
    })
  })

  test('is signed under a sent secret that is no whsec_ as its own bytes', async () => {
    const secret = 'clé de la maison'
    const made = await subscribe({ secret })
    expect(made).not.toHaveProperty('secret')
    await announce()
    await receiver.count(1)
    const [{ body, headers }] = receiver.requests as [Receiver['requests'][0]]
    expect(headers['x-aurion-signature']).toBe(`sha256=${createHmac('sha256', secret).update(body).digest('hex')}`)
    const verifier = new Webhook(Buffer.from(secret), { format: 'raw' })
    expect(() => verifier.verify(body, headers as Record<string, string>)).not.toThrow()
  })

  test('is signed under a sent whsec_ without padding as the standard verifier has it', async () => {
    const secret = `whsec_${randomBytes(25).toString('base64').replaceAll('=', '')}`
    await subscribe({ secret })
    await announce()
    await receiver.count(1)
    const [{ body, headers }] = receiver.requests as [Receiver['requests'][0]]
    expect(() => new Webhook(secret).verify(body, headers as Record<string, string>)).not.toThrow()
  })

  test('is signed under both secrets while a rotation overlaps, then under the new one', async () => {
    const { id, secret: before } = await subscribe()
    const rotated = await account.request('POST', `/api/v1/webhooks/${id}/rotate-secret`, { overlap_seconds: 60 })
    const { secret: after } = rotated.json
    await announce()
    await receiver.count(1)
    earshot.ports.now = () => now() + 61_000
    await announce()
    await receiver.count(2)
    const [during, later] = receiver.requests as [Receiver['requests'][0], Receiver['requests'][0]]
    const verify = (secret: string, { body, headers }: Receiver['requests'][0]) =>
      new Webhook(secret).verify(body, headers as Record<string, string>)
    verify(before, during)
    verify(after, during)
    verify(after, later)
    expect(() => verify(before, later)).toThrow('No matching')
    expect(during.headers['x-aurion-signature']).toBe(
      `sha256=${createHmac('sha256', after).update(during.body).digest('hex')}`,
    )
  })

  test('is only what it asked for, of its own account', async () => {
    const other = await openReceiver()
    const stranger = await earshot.account()
    try {
      await subscribe({ events: ['export.completed'] })
      await subscribe({ url: other.url, events: ['*'] }, stranger)
      await announce('export.failed', { is: 'not wanted' })
      await announce('export.completed', { is: 'wanted' })
      await receiver.count(1)
      expect(receiver.requests.map(({ json }) => json.data)).toEqual([{ is: 'wanted' }])
      expect(other.requests).toEqual([])
    } finally {
      await other.close()
    }
  })
})

describe('a group of events', () => {
  test('is told of all about one thing, and of nothing else', async () => {
    await subscribe({ events: ['export.*'] })
    await announce('report.delivered', { is: 'not wanted' })
    await announce('export.failed', { is: 'first' })
    await announce('export.completed', { is: 'second' })
    await receiver.count(2)
    expect(new Set(receiver.requests.map(({ json }) => json.data.is))).toEqual(new Set(['first', 'second']))
  })
})

describe('a receiver that fails', () => {
  test('is tried again with the same bytes until it answers 2xx', async () => {
    const { id } = await subscribe()
    receiver.behave((response, _, place) => void response.writeHead(place === 1 ? 500 : 204).end())
    await announce()
    await attempted(id, 1)
    expect((await deliveriesOf(id))[0]).toMatchObject({ status: 'pending', attempts: [{ status: 500 }] })
    expect(await endpointOf(id)).toMatchObject({ failing_since: expect.any(String) })
    await skipToNextAttempt(id)
    await attempted(id, 2)
    const [first, second] = receiver.requests as [Receiver['requests'][0], Receiver['requests'][0]]
    expect(second.body).toBe(first.body)
    expect(second.headers['webhook-id']).toBe(first.headers['webhook-id'])
    expect((await deliveriesOf(id))[0]).toMatchObject({
      status: 'succeeded',
      attempts: [{ status: 500 }, { status: 204 }],
    })
    await until('the endpoint is well', async () => (await endpointOf(id)).failing_since === null)
  })

  test('is given up after seventeen attempts over three days', async () => {
    const { id } = await subscribe()
    receiver.behave(answering(503))
    const began = now()
    await announce()
    for (let attempts = 1; attempts <= retryPausesMs.length; attempts++) {
      await attempted(id, attempts)
      await skipToNextAttempt(id)
    }
    await attempted(id, 17)
    const [delivery] = await deliveriesOf(id, '?status=failed')
    expect(delivery).toMatchObject({ status: 'failed', attempt_count: 17, next_attempt_at: null })
    const tookMs = Date.parse(delivery.finished_at) - began
    expect(tookMs).toBeGreaterThan(2.6 * dayMs)
    expect(tookMs).toBeLessThan(3.4 * dayMs)
    const times = delivery.attempts.map(({ at }: { at: string }) => Date.parse(at))
    for (const [index, pauseMs] of retryPausesMs.entries()) {
      const passedMs = times[index + 1] - times[index]
      expect(passedMs).toBeGreaterThanOrEqual(pauseMs * 0.89)
      expect(passedMs).toBeLessThanOrEqual(pauseMs * 1.11 + 2000)
    }
  })

  test('is left alone for as long as it asks, up to a day', async () => {
    for (const [asked, pauseMs] of [
      ['7200', 2 * hourMs],
      ['9999999', dayMs],
    ] as const) {
      const { id } = await subscribe({ events: ['report.delivered'] })
      receiver.behave(answering(429, { 'Retry-After': asked }))
      await announce()
      await attempted(id, 1)
      const [{ next_attempt_at: at }] = await deliveriesOf(id)
      expect(Math.abs(Date.parse(at) - now() - pauseMs)).toBeLessThan(60_000)
      await account.request('DELETE', `/api/v1/webhooks/${id}`)
    }
  })

  test.each([
    ['closes the connection', 'The connection was closed before an answer came.'],
    ['does not answer', 'No answer within 5 seconds.'],
    ['speaks something else', 'What came back is not HTTP.'],
  ])('and %s is told of in words', async (kind, reason) => {
    const { id } = await subscribe()
    receiver.behave((response) => {
      if (kind === 'closes the connection') response.socket?.destroy()
      if (kind === 'speaks something else') response.socket?.end('hello\r\n\r\n')
    })
    await announce()
    await attempted(id, 1)
    expect((await deliveriesOf(id))[0].attempts).toMatchObject([{ status: null, error: reason, response_start: null }])
  })

  test('by a redirect to a private address is not followed there', async () => {
    const elsewhere = await openReceiver('127.0.0.2')
    try {
      const { id } = await subscribe()
      receiver.behave(answering(307, { Location: elsewhere.url }))
      await announce()
      await attempted(id, 1)
      expect((await deliveriesOf(id))[0]).toMatchObject({ status: 'pending', attempts: [{ status: 307 }] })
      expect(elsewhere.requests).toEqual([])
    } finally {
      await elsewhere.close()
    }
  })

  test('with 410 is disabled at once', async () => {
    const { id } = await subscribe()
    receiver.behave(answering(410))
    await announce()
    await until('it is disabled', async () => !(await endpointOf(id)).is_active)
    expect(await endpointOf(id)).toMatchObject({ disabled_reason: 'The receiver answered 410 Gone.' })
  })

  test('for five days is disabled, and the other endpoints are told', async () => {
    const owner = await openReceiver()
    try {
      const { id } = await subscribe({ events: ['report.delivered'] })
      await subscribe({ url: owner.url, events: ['webhook.disabled'] })
      receiver.behave(answering(500))
      await announce()
      await attempted(id, 1)
      const { failing_since: since } = await endpointOf(id)
      earshot.ports.now = () => Date.parse(since) + 5 * dayMs - hourMs
      await attempted(id, 2)
      expect(await endpointOf(id)).toMatchObject({ is_active: true, failing_since: since })
      earshot.ports.now = () => Date.parse(since) + 5 * dayMs
      await announce()
      await until('it is disabled', async () => !(await endpointOf(id)).is_active)
      await owner.count(1)
      expect(owner.requests[0]?.json).toMatchObject({
        type: 'webhook.disabled',
        data: { endpoint_id: id, reason: 'Every delivery failed for five days.', failing_since: since },
      })
      expect(await endpointOf(id)).toMatchObject({ disabled_reason: 'Every delivery failed for five days.' })
    } finally {
      await owner.close()
    }
  })

  test('is noted while an ingestion under way writes a delivery for it', async () => {
    receiver.behave(answering(500))
    const { id } = await subscribe()
    await announce()
    await earshot.ports.postgres.transaction(async (tx) => {
      await announceEvent(tx, { accountId: account.id, now: now() }, { type: 'report.delivered', data: {}, at: now() })
      await until('the failure is noted', async () => (await endpointOf(id)).failing_since !== null)
    })
  })

  test('does not delay the others, however much waits for it', async () => {
    const others = await Promise.all([openReceiver(), openReceiver()])
    try {
      receiver.behave(() => {})
      await subscribe()
      for (const { url } of others) await subscribe({ url })
      const began = now()
      for (let event = 0; event < 50; event++) await announce()
      await Promise.all(others.map((other) => other.count(50)))
      // Behind the one that does not answer, ten at a time, they would take as long as five of its timeouts.
      expect(now() - began).toBeLessThan(20_000)
      // No more under way to one endpoint than it has places.
      expect(receiver.requests.length).toBeLessThanOrEqual(20)
    } finally {
      await Promise.all(others.map((other) => other.close()))
    }
  })
})

describe('an answer that is slow and large', () => {
  test('counts by its status and is cut off', async () => {
    const { id } = await subscribe()
    let sentBytes = 0
    receiver.behave((response) => {
      response.writeHead(200)
      const more = (): void => {
        if (response.destroyed || sentBytes > 50_000_000) return
        sentBytes += 65_536
        response.write(Buffer.alloc(65_536, 'x'), more)
      }
      more()
    })
    await announce()
    await attempted(id, 1)
    const [delivery] = await deliveriesOf(id)
    expect(delivery).toMatchObject({ status: 'succeeded', attempts: [{ status: 200 }] })
    expect(delivery.attempts[0].response_start).toHaveLength(1000)
    expect(sentBytes).toBeLessThan(20_000_000)
  })

  test('keeps no place while its body trickles', async () => {
    const { id } = await subscribe()
    receiver.behave((response) => void response.writeHead(200).write('beginning\0'))
    await announce()
    await attempted(id, 1)
    const [delivery] = await deliveriesOf(id)
    expect(delivery).toMatchObject({ status: 'succeeded', attempts: [{ response_start: 'beginning\uFFFD' }] })
  })
})

describe('an endpoint', () => {
  test('that is deleted gets nothing more, and leaves nothing', async () => {
    const { id } = await subscribe()
    receiver.behave(answering(500))
    await announce()
    await attempted(id, 1)
    expect((await account.request('DELETE', `/api/v1/webhooks/${id}`)).status).toBe(204)
    expect((await account.request('GET', `/api/v1/webhooks/${id}`)).status).toBe(404)
    await subscribe({ events: ['export.failed'] })
    receiver.behave(answering(200))
    earshot.ports.now = () => now() + hourMs
    await announce('export.failed')
    await receiver.count(2)
    expect(receiver.requests.map(({ json }) => json.type)).toEqual(['report.delivered', 'export.failed'])
    await expireWebhooks(earshot.ports)
    const left = await earshot.ports.postgres.query(sql`SELECT id FROM webhook_endpoints WHERE id = ${id}`)
    expect(left).toEqual([])
  })

  test('that is disabled keeps what waits until it is enabled', async () => {
    const { id } = await subscribe()
    receiver.behave(answering(500))
    await announce()
    await attempted(id, 1)
    expect((await account.request('POST', `/api/v1/webhooks/${id}/disable`)).json.is_active).toBe(false)
    await announce()
    await skipToNextAttempt(id)
    receiver.behave(answering(200))
    const witness = await openReceiver()
    await subscribe({ url: witness.url, events: ['export.failed'] })
    await announce('export.failed')
    await witness.count(1)
    await witness.close()
    expect(receiver.requests).toHaveLength(1)
    expect((await account.request('POST', `/api/v1/webhooks/${id}/enable`)).json.is_active).toBe(true)
    await receiver.count(2)
    await until('it has arrived', async () => (await deliveriesOf(id))[0].status === 'succeeded')
    expect(await deliveriesOf(id)).toHaveLength(1)
  })

  test('loses what is older than thirty days', async () => {
    const { id } = await subscribe()
    await announce()
    await attempted(id, 1)
    earshot.ports.now = () => now() + 30 * dayMs - hourMs
    await expireWebhooks(earshot.ports)
    expect(await deliveriesOf(id)).toHaveLength(1)
    earshot.ports.now = () => now() + 30 * dayMs
    await expireWebhooks(earshot.ports)
    expect(await deliveriesOf(id)).toEqual([])
  })
})

describe('an event waits', () => {
  /** Sees to it that everything that was due before has been taken. */
  async function lookedThrough(): Promise<void> {
    const witness = await openReceiver()
    await subscribe({ url: witness.url, events: ['webhook.disabled'] })
    for (let look = 1; look <= 2; look++) {
      await announce('webhook.disabled')
      await witness.count(look)
    }
    await witness.close()
  }

  test('until the change that it tells of can be read', async () => {
    const { postgres } = earshot.ports
    await subscribe({ events: ['report.delivered'] })
    await postgres.run(sql`
      INSERT INTO ingest_batches (account_id, batch, process_id, first_seq, first_number, rows)
      VALUES (${account.id}, 7, gen_random_uuid(), 1, 1, '')`)
    const source = sql`(SELECT 1) AS once`
    for (const batch of [6, 7, 8]) {
      const at = earshot.ports.now()
      const told: Announcement[] = [{ type: 'report.delivered', data: { batch }, at }]
      await postgres.run(sql`WITH ${announcementStatements(account.id, told, { source, batch, now: at })} SELECT 1`)
    }
    await receiver.count(1)
    await lookedThrough()
    expect(receiver.requests.map(({ json }) => json.data.batch)).toEqual([6])
    await postgres.run(sql`DELETE FROM ingest_batches WHERE account_id = ${account.id}`)
    await receiver.count(3)
  })

  test('while its account is disabled', async () => {
    const stranger = await earshot.account()
    await subscribe({}, stranger)
    const disable = (at: Date | null) =>
      earshot.ports.postgres.run(sql`UPDATE accounts SET disabled_at = ${at} WHERE id = ${stranger.id}`)
    await disable(new Date())
    await announce('report.delivered', {}, stranger)
    await lookedThrough()
    expect(receiver.requests).toEqual([])
    await disable(null)
    await receiver.count(1)
  })
})

describe('several processes', () => {
  test('send each event once', async () => {
    const { id } = await subscribe()
    const stop = new AbortController()
    const second = deliverEvents(earshot.ports, stop.signal)
    for (let event = 0; event < 60; event++) await announce('report.delivered', { event })
    await receiver.count(60)
    await until('all is written', async () => (await deliveriesOf(id, '?status=pending')).length === 0)
    stop.abort()
    await second
    expect(receiver.requests).toHaveLength(60)
    expect(new Set(receiver.requests.map(({ json }) => json.data.event)).size).toBe(60)
  })

  test('take over what a dead one held, once its lease is over', async () => {
    const { id } = await subscribe()
    const hold = (until: string) =>
      earshot.ports.postgres.run(sql`
        WITH held AS (
          SELECT gen_random_uuid() AS worker, ${until}::timestamptz AS lease_until
        ),
        event AS (
          INSERT INTO webhook_events (id, account_id, type, data, at)
          VALUES (${`evt_${until}`}, ${account.id}, 'report.delivered', ${JSON.stringify({ until })}, now())
          RETURNING id
        )
        INSERT INTO webhook_deliveries (id, account_id, endpoint_id, event_id, next_at, worker, lease_until, created_at)
        SELECT gen_random_uuid(), ${account.id}, ${id}, event.id, now(), held.worker, held.lease_until, now()
        FROM held, event`)
    const ahead = new Date(now() + 60_000).toISOString()
    const over = new Date(now() - 1).toISOString()
    await hold(ahead)
    await hold(over)
    await receiver.count(1)
    await until('it is written', async () => (await deliveriesOf(id, '?status=succeeded')).length === 1)
    expect(receiver.requests.map(({ json }) => json.data)).toEqual([{ until: over }])
  })
})
