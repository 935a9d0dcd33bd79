import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'

let earshot: TestApp
let account: TestAccount

beforeAll(async () => {
  earshot = await openTestApp()
})
afterAll(() => earshot.close())
beforeEach(async () => {
  account = await earshot.account()
})

async function ingest(collection: string, records: unknown): Promise<void> {
  const answer = await account.request('POST', `/v1/ingest/${collection}`, records)
  expect(answer.status, answer.text.slice(0, 500)).toBe(200)
}

const get = (path: string, of = account) => of.request('GET', `/api/v1/calls${path}`)

/** The call of the published examples. */
const published = {
  id: 'call_abc123',
  channel: 'phone',
  status: 'completed',
  startedAt: '2026-03-08T10:30:00Z',
  endedAt: '2026-03-08T10:33:05Z',
  externalEndpoint: '+33612345678',
  language: 'fr-FR',
  requesterId: 42,
  requesterName: 'Jean Dupont',
  ticketsCreated: [1042],
  authenticated: true,
  sentiment: 'positive',
  toolsUsed: ['search_tickets', 'create_ticket', 'search_kb'],
}

const bareCall = { id: 'bare', channel: 'widget', status: 'abandoned', startedAt: '2026-03-08T10:30:00.999Z' }

describe('the published examples', () => {
  test('a list is the published text', async () => {
    await ingest('calls', published)
    const answer = await get('?limit=10&sort_by=started_at&sort_order=desc')
    expect(answer.status).toBe(200)
    expect(answer.text).toBe(
      '{"data":[{"id":"call_abc123","caller_id":"+33612345678","channel":"phone","status":"completed","duration_seconds":185,"language":"fr-FR","started_at":"2026-03-08T10:30:00Z","ended_at":"2026-03-08T10:33:05Z","requester_id":42,"tickets_created":[1042],"authenticated":true}],"total":1,"limit":10,"offset":0}',
    )
  })

  test('a detail is the published text', async () => {
    await ingest('calls', published)
    const answer = await get('/call_abc123')
    expect(answer.status).toBe(200)
    expect(answer.text).toBe(
      '{"id":"call_abc123","caller_id":"+33612345678","channel":"phone","status":"completed","duration_seconds":185,"language":"fr-FR","started_at":"2026-03-08T10:30:00Z","ended_at":"2026-03-08T10:33:05Z","requester_id":42,"requester_name":"Jean Dupont","tickets_created":[1042],"authenticated":true,"escalated":false,"sentiment":"positive","tools_used":["search_tickets","create_ticket","search_kb"]}',
    )
  })

  test('a transcript is the published text', async () => {
    await ingest('calls', published)
    const turn = { callId: 'call_abc123' }
    await ingest('turns', [
      {
        ...turn,
        id: 'second',
        participant: 'customer',
        at: '2026-03-08T10:30:12.400Z',
        text: 'Hi, my VPN is not connecting since this morning.',
      },
      {
        ...turn,
        id: 'first',
        participant: 'agent',
        at: '2026-03-08T10:30:05Z',
        text: 'Hello, this is Aurion IT support. How can I help you today?',
      },
    ])
    const answer = await get('/call_abc123/transcript')
    expect(answer.status).toBe(200)
    expect(answer.text).toBe(
      '{"call_id":"call_abc123","segments":[{"speaker":"agent","text":"Hello, this is Aurion IT support. How can I help you today?","timestamp":"2026-03-08T10:30:05Z"},{"speaker":"caller","text":"Hi, my VPN is not connecting since this morning.","timestamp":"2026-03-08T10:30:12Z"}]}',
    )
  })

  test('a recording is a link with format, duration and end', async () => {
    await ingest('calls', published)
    const silence = Buffer.alloc(44 + 16_000)
    silence.write('RIFF', 0)
    silence.writeUInt32LE(36 + 16_000, 4)
    silence.write('WAVEfmt ', 8)
    silence.writeUInt32LE(16, 16)
    silence.writeUInt16LE(1, 20)
    silence.writeUInt16LE(1, 22)
    silence.writeUInt32LE(8000, 24)
    silence.writeUInt32LE(16_000, 28)
    silence.writeUInt16LE(2, 32)
    silence.writeUInt16LE(16, 34)
    silence.write('data', 36)
    silence.writeUInt32LE(16_000, 40)
    const path = '/v1/ingest/calls/call_abc123/recording?durationSeconds=184.6'
    const stored = await account.request('PUT', path, silence, { 'Content-Type': 'audio/wav' })
    expect(stored.status, stored.text).toBe(200)
    const answer = await get('/call_abc123/recording')
    expect(answer.status, answer.text).toBe(200)
    expect(Object.keys(answer.json)).toEqual(['url', 'format', 'duration_seconds', 'expires_at'])
    expect(answer.json).toMatchObject({ format: 'wav', duration_seconds: 185 })
    expect(Math.abs(Date.parse(answer.json.expires_at) - Date.now() - 3_600_000)).toBeLessThan(60_000)
    expect((await fetch(answer.json.url)).status).toBe(200)
  })
})

describe('what a call shows', () => {
  test('what is absent is null, an absent list is empty', async () => {
    await ingest('calls', { ...bareCall, durationSeconds: 59.5 })
    expect((await get('/bare')).json).toEqual({
      id: 'bare',
      caller_id: null,
      channel: 'widget',
      status: 'abandoned',
      duration_seconds: 60,
      language: null,
      started_at: '2026-03-08T10:30:00Z',
      ended_at: '2026-03-08T10:31:00Z',
      requester_id: null,
      requester_name: null,
      tickets_created: [],
      authenticated: false,
      escalated: false,
      sentiment: null,
      tools_used: [],
    })
  })

  test('an active call has neither end nor duration, whatever was sent', async () => {
    const active = { ...published, status: 'active', durationSeconds: 12 }
    await ingest('calls', active)
    expect((await get('/call_abc123')).json).toMatchObject({ status: 'active', ended_at: null, duration_seconds: null })
    expect((await get('')).json.data[0]).toMatchObject({ ended_at: null, duration_seconds: null })
    await ingest('calls', { id: 'call_abc123', status: 'escalated' })
    expect((await get('/call_abc123')).json).toMatchObject({
      status: 'escalated',
      escalated: true,
      ended_at: '2026-03-08T10:33:05Z',
      duration_seconds: 12,
    })
  })

  test('calls that are asked for at the same time are each answered with their own', async () => {
    const ids = Array.from({ length: 150 }, (_, index) => `c${index}`)
    await ingest(
      'calls',
      ids.map((id, index) => ({ ...bareCall, id, durationSeconds: index })),
    )
    const other = await earshot.account()
    const asked = [...ids, ...ids.slice(0, 20), 'unknown']
    const answers = await Promise.all(asked.map((id) => get(`/${id}`)))
    expect(answers.slice(0, -1).map((answer) => answer.json.duration_seconds)).toEqual(
      asked.slice(0, -1).map((id) => Number(id.slice(1))),
    )
    expect(answers.at(-1)?.status).toBe(404)
    const foreign = await Promise.all([get('/c1', other), get('/c1'), get('/c2', other)])
    expect(foreign.map((answer) => answer.status)).toEqual([404, 200, 404])
  })
})

describe('transcripts', () => {
  const turn = (id: string, more: object = {}) => ({
    id,
    callId: 'call_abc123',
    participant: 'agent',
    at: '2026-03-08T10:30:05Z',
    text: id,
    ...more,
  })
  const texts = async () => {
    const answer = await get('/call_abc123/transcript')
    expect(answer.status, answer.text).toBe(200)
    return answer.json.segments.map((segment: { text: string }) => segment.text)
  }

  test('of a live call is what is known so far', async () => {
    await ingest('calls', { ...published, status: 'active' })
    expect(await texts()).toEqual([])
    await ingest('turns', turn('one'))
    expect(await texts()).toEqual(['one'])
    await ingest('turns', turn('two', { at: '2026-03-08T10:31:05Z' }))
    expect(await texts()).toEqual(['one', 'two'])
  })

  test('same times go in the order of sending, also after a correction', async () => {
    await ingest('calls', published)
    await ingest('turns', turn('b'))
    earshot.ports.now = () => Date.now() + 1000
    await ingest('turns', turn('a'))
    await ingest('turns', turn('b', { text: 'b, corrected' }))
    earshot.ports.now = () => Date.now()
    expect(await texts()).toEqual(['b, corrected', 'a'])
  })

  test('turns without text, deleted and replaced turns are left out', async () => {
    await ingest('calls', published)
    await ingest('turns', [
      turn('kept'),
      turn('empty', { text: '' }),
      turn('act', { text: null, type: 'dtmf' }),
      turn('gone'),
    ])
    await account.request('DELETE', '/v1/ingest/turns/gone')
    expect(await texts()).toEqual(['kept'])
    await account.request('PUT', '/v1/ingest/calls/call_abc123/turns', [turn('final')])
    expect(await texts()).toEqual(['final'])
  })
})

describe('faults', () => {
  const fault = (error: string, message: string) => ({ error, message })

  test('no key, an unknown key, a key without the scope', async () => {
    const anonymous = await fetch(`${earshot.url}/api/v1/calls`)
    expect(anonymous.status).toBe(401)
    expect(await anonymous.json()).toEqual(fault('unauthorized', 'Invalid or missing API key'))
    const unknown = await get('', {
      ...account,
      request: (method, path) => account.request(method, path, undefined, { 'X-Api-Key': 'ak_live_x' }),
    })
    expect([unknown.status, unknown.json]).toEqual([401, fault('unauthorized', 'Invalid or missing API key')])
    const sender = await earshot.account({ scopes: ['ingest:write'] })
    for (const path of ['', '/x', '/x/transcript', '/x/recording']) {
      const refused = await get(path, sender)
      expect(refused.status).toBe(403)
      expect(refused.json).toEqual(fault('forbidden', 'API key lacks required scope: calls:read'))
    }
  })

  test('an unknown, a deleted and another account’s call is not found', async () => {
    await ingest('calls', [published, { ...published, id: 'gone' }])
    await ingest('turns', { id: 't', callId: 'early', participant: 'agent', at: '2026-03-08T10:30:05Z', text: 'x' })
    await account.request('DELETE', '/v1/ingest/calls/gone')
    const other = await earshot.account()
    for (const part of ['', '/transcript', '/recording']) {
      for (const answer of [
        await get(`/gone${part}`),
        await get(`/early${part}`),
        await get(`/call_abc123${part}`, other),
      ]) {
        expect([part, answer.status, answer.json.error]).toEqual([part, 404, 'not_found'])
      }
    }
    expect((await get('/call_abc123/recording')).json.error).toBe('not_found')
    expect((await get('', other)).json).toEqual({ data: [], total: 0, limit: 20, offset: 0 })
  })

  test.each([
    ['limit=0', 'limit', 'must be a whole number from 1 to 100'],
    ['limit=101', 'limit', 'must be a whole number from 1 to 100'],
    ['limit=ten', 'limit', 'must be a whole number from 1 to 100'],
    ['limit=1e1', 'limit', 'must be a whole number from 1 to 100'],
    ['limit=1&limit=2', 'limit', 'must be a whole number from 1 to 100, given once'],
    ['offset=-1', 'offset', 'must be a whole number, 0 or more'],
    ['sort_by=id', 'sort_by', 'must be one of started_at, duration_seconds'],
    ['sort_order=down', 'sort_order', 'must be one of asc, desc'],
    ['status=done', 'status', 'must be one of active, completed, escalated, failed, abandoned'],
    ['channel=phone,fax', 'channel', 'must be one of phone, mobile, widget, video, chat, email, sms, task'],
    ['from=yesterday', 'from', 'must be a date such as 2026-05-03, or a time such as 2026-05-03T14:05:07Z'],
    ['from=2026-05-03&to=2026-05-02', 'to', 'must be after from'],
    ['q=%20-%20', 'q', 'must hold a letter or a digit'],
    ['q=1+2+3+4+5+6+7+8+9+0+1', 'q', 'must be at most 10 words; these are 11'],
    ['cursor=x', 'cursor', 'is not one that this list gave out; begin with cursor=start'],
    ['cursor=start&offset=1', 'offset', 'must be left out beside a cursor, which says itself where the page begins'],
  ])('%s is refused with what would be right', async (query, field, message) => {
    const answer = await get(`?${query}`)
    expect(answer.status).toBe(422)
    expect(answer.json).toMatchObject({ error: 'validation_error', details: [{ field, message }] })
  })

  test('too many requests are told when to come back', async () => {
    earshot.ports.config.rateLimit = 1
    earshot.ports.now = () => Date.UTC(2026, 4, 3, 12, 0, 48)
    try {
      await get('')
      const answer = await get('')
      expect(answer.status).toBe(429)
      expect(answer.headers.get('retry-after')).toBe('12')
      expect(answer.text).toBe(
        '{"error":"rate_limit_exceeded","message":"Rate limit exceeded. Retry after 12 seconds.","retry_after":12}',
      )
    } finally {
      earshot.ports.config.rateLimit = 0
      earshot.ports.now = () => Date.now()
    }
  })

  test('a parameter that is not known changes nothing', async () => {
    await ingest('calls', published)
    expect((await get('?colour=blue&limit=5')).json).toMatchObject({ total: 1, limit: 5 })
  })
})
