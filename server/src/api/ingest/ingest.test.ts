import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'
import { forgetAnswers } from '../../recordLog/log/idempotency.ts'
import { waitUntilReadable } from '../../recordLog/waitUntilReadable.ts'
import { sql } from '../../store/postgres/postgres.ts'

let earshot: TestApp
let account: TestAccount

beforeAll(async () => {
  earshot = await openTestApp({ EARSHOT_INGEST_MAX_RECORDS: '1000', EARSHOT_INGEST_MAX_BYTES: '2000000' })
})
afterAll(() => earshot.close())
beforeEach(async () => {
  account = await earshot.account()
})

const call = (id: string, more: object = {}) => ({
  id,
  channel: 'phone',
  status: 'completed',
  startedAt: '2026-05-03T14:05:07.123Z',
  durationSeconds: 60,
  ...more,
})

async function post(collection: string, body: unknown, query = '', headers: Record<string, string> = {}) {
  return account.request('POST', `/v1/ingest/${collection}${query}`, body, headers)
}

async function readCall(id: string, include = '') {
  const answer = await account.request('GET', `/v1/records/calls/${id}${include}`)
  return answer.json.data
}

describe('writing records', () => {
  test('takes a call in and gives it back with what follows from it', async () => {
    const answer = await post(
      'calls',
      call('c1', { startedAt: '2026-05-03T16:05:07.1239+02:00', tags: [], notes: 'a\nb' }),
    )
    expect(answer.status).toBe(200)
    expect(answer.json).toEqual({
      data: { accepted: 1, created: 1, updated: 0, unchanged: 0, rejected: 0, errors: [] },
    })
    expect(await readCall('c1')).toMatchObject({
      id: 'c1',
      number: 1,
      direction: 'inbound',
      phase: 'DONE',
      startedAt: '2026-05-03T14:05:07.123Z',
      endedAt: '2026-05-03T14:06:07.123Z',
      durationSeconds: 60,
      authenticated: false,
      escalated: false,
      tags: [],
      notes: 'a\nb',
      dailyRepeatCalls: 0,
      sequence: 1,
    })
  })

  test('every collection comes back as it was sent', async () => {
    const records: Record<string, Record<string, unknown>> = {
      campaigns: { id: 'k1', name: 'Cobranza', description: 'x', type: 'Flow', status: 'Running' },
      'call-centers': { id: 'cc1', name: 'Santiago' },
      queues: { id: 'q1', name: 'Ventas' },
      agents: { id: 'a1', name: 'Ana', email: 'ana@example.com', hourlyCost: 12.5, managerName: 'Eva' },
      customers: { id: 'u1', name: 'Juan', contacts: ['+56912345678', 'juan@example.com'] },
      calls: call('c1', {
        wordCloud: [{ phrase: 'luz', freq: 3 }],
        dtmfEvents: [
          { dtmf: '1', timestamp: 1200, channel: 'left' },
          { dtmf: '#', timestamp: 1300 },
        ],
        markers: [{ time: 10, type: 'HOLD', note: null }],
        attributes: { plan: 'gold', visits: 3 },
        ticketsCreated: [1042],
        resolved: false,
      }),
      engagements: {
        id: 'e1',
        callId: 'c1',
        attribute01: 'x',
        waitForCustomerTime: 12,
        severity: 0,
        engagementFact03: 1.5,
      },
      turns: {
        id: 't1',
        callId: 'c1',
        participant: 'agent',
        at: '2026-05-03T14:05:08.000Z',
        text: 'Hola 👋',
        confidence: 0.9,
      },
      evaluations: { callId: 'c1', status: 'evaluated', score: 7.5, category: 'Boleta' },
      surveys: {
        callId: 'c1',
        state: 'Partial',
        totalQuestions: 2,
        responses: [
          { question: '¿Resolvió?', answer: 'Sí', score: 1 },
          { question: '¿Nota?', answer: null },
        ],
      },
      reviews: { id: 'r1', callId: 'c1', questionName: '¿Saludó?', verified: true, version: '3' },
    }
    for (const [collection, record] of Object.entries(records)) {
      expect((await post(collection, record)).json, collection).toMatchObject({ data: { created: 1 } })
    }
    for (const [collection, record] of Object.entries(records)) {
      const key = record['id'] ?? record['callId']
      const answer = await account.request('GET', `/v1/records/${collection}/${String(key)}`)
      expect(answer.json.data, collection).toMatchObject(record)
      expect((await account.request('GET', `/v1/records/${collection}`)).json.data).toHaveLength(1)
    }
    const whole = await readCall('c1', '?include=turns,engagements,evaluations,surveys,reviews')
    expect(whole.turns[0].text).toBe('Hola 👋')
    expect(whole.evaluation.score).toBe(7.5)
    expect(whole.survey.state).toBe('Partial')
  })

  test('merges by field, clears by null, merges attributes by name', async () => {
    await post('calls', call('c1', { notes: 'old', identity: '1-9', attributes: { a: 1, b: 'x' } }))
    const answer = await post('calls', {
      id: 'c1',
      notes: null,
      outcome: 'transferred',
      attributes: { b: null, c: 'y' },
    })
    expect(answer.json.data).toMatchObject({ updated: 1, created: 0 })
    const stored = await readCall('c1')
    expect(stored).toMatchObject({
      identity: '1-9',
      outcome: 'transferred',
      attributes: { a: 1, c: 'y' },
      number: 1,
      sequence: 2,
    })
    expect(stored.notes).toBeUndefined()
  })

  test('a write that changes nothing takes no place', async () => {
    await post('calls', call('c1'))
    const answer = await post('calls', call('c1'))
    expect(answer.json.data).toMatchObject({ accepted: 1, unchanged: 1, updated: 0 })
    expect(await readCall('c1')).toMatchObject({ sequence: 1 })
  })

  test('derived values follow the merged record, and are not stored as if sent', async () => {
    await post('calls', call('c1', { status: 'active', durationSeconds: undefined }))
    expect(await readCall('c1')).toMatchObject({ phase: 'PROCESSING', escalated: false })
    await post('calls', { id: 'c1', status: 'escalated', endedAt: '2026-05-03T14:05:17.123Z' })
    expect(await readCall('c1')).toMatchObject({ phase: 'DONE', escalated: true, durationSeconds: 10 })
    await post('calls', { id: 'c1', startedAt: '2026-05-03T14:05:12.123Z' })
    expect(await readCall('c1')).toMatchObject({ durationSeconds: 5 })
  })

  test('a corrected start moves the call and makes no second row', async () => {
    await post('calls', call('c1'))
    await post('calls', { id: 'c1', startedAt: '2026-07-01T00:00:00Z' })
    const list = await account.request('GET', '/v1/records/calls')
    expect(list.json.data).toHaveLength(1)
    expect(list.json.data[0]).toMatchObject({
      startedAt: '2026-07-01T00:00:00.000Z',
      endedAt: '2026-07-01T00:01:00.000Z',
    })
  })

  test('a lower revision only fills what no higher one has set or cleared', async () => {
    await post('calls', call('c1', { revision: 5, notes: 'new', identity: null }))
    await post('calls', { id: 'c1', revision: 3, notes: 'old', identity: 'old', outcome: 'completed' })
    const stored = await readCall('c1')
    expect(stored).toMatchObject({ notes: 'new', outcome: 'completed' })
    expect(stored.identity).toBeUndefined()
  })

  test('a higher revision with the same values still protects', async () => {
    await post('calls', call('c1', { revision: 1, notes: 'x' }))
    expect((await post('calls', { id: 'c1', revision: 9, notes: 'x' })).json.data).toMatchObject({ unchanged: 1 })
    await post('calls', { id: 'c1', revision: 5, notes: 'y' })
    expect(await readCall('c1')).toMatchObject({ notes: 'x' })
  })

  test('counts earlier calls of the same external endpoint in the 24 hours before', async () => {
    let lines = 0
    // Whatever line it reached.
    const at = (startedAt: string) => {
      return { startedAt, externalEndpoint: '+56911111111', internalEndpoint: `+562${++lines}` }
    }
    await post('calls', [
      call('c1', at('2026-05-03T10:00:00Z')),
      call('c2', at('2026-05-03T12:00:00Z')),
      call('c3', at('2026-05-05T12:00:00Z')),
    ])
    await post('calls', call('c4', at('2026-05-04T09:00:00Z')))
    const list = await account.request('GET', '/v1/records/calls')
    expect(list.json.data.map((entry: { dailyRepeatCalls: number }) => entry.dailyRepeatCalls)).toEqual([0, 1, 0, 2])
    await post('evaluations', { callId: 'c4', status: 'evaluated' })
    expect(await readCall('c4')).toMatchObject({ dailyRepeatCalls: 2 })
    // Another line that it is said to have reached changes nothing.
    await post('calls', { id: 'c4', internalEndpoint: '+5629' })
    expect(await readCall('c4')).toMatchObject({ dailyRepeatCalls: 2 })
    await post('calls', { id: 'c4', externalEndpoint: '+56922222222' })
    expect(await readCall('c4')).toMatchObject({ dailyRepeatCalls: 0 })
  })

  test('parts may come before their call and show with it', async () => {
    await post('turns', { id: 't1', callId: 'c1', participant: 'agent', at: '2026-05-03T14:05:08Z', text: 'Hola' })
    await post('evaluations', { callId: 'c1', status: 'evaluated', score: 9 })
    expect((await account.request('GET', '/v1/records/turns/t1')).status).toBe(404)
    expect((await account.request('GET', '/v1/records/turns')).json.data).toEqual([])
    await post('calls', call('c1'))
    expect((await account.request('GET', '/v1/records/turns/t1')).status).toBe(200)
    await waitUntilReadable(earshot.ports, account.id)
    const rows = await earshot.ports.clickhouse.rows(
      'SELECT has_evaluation, evaluation_score FROM calls FINAL WHERE account_id = {id:UInt32}',
      { id: account.id },
    )
    expect(rows).toEqual([{ has_evaluation: true, evaluation_score: 9 }])
  })

  test("a part's call cannot change", async () => {
    await post('turns', { id: 't1', callId: 'c1', participant: 'agent', at: '2026-05-03T14:05:08Z' })
    const answer = await post('turns', { id: 't1', callId: 'c2', text: 'x' })
    expect(answer.status).toBe(422)
    expect(answer.json.error.details).toEqual([
      { index: 0, field: 'callId', message: 'callId cannot change; this record belongs to the call c1.' },
    ])
  })
})

describe('what is refused', () => {
  test('one wrong record refuses all, every fault named', async () => {
    const answer = await post('calls', [
      call('c1'),
      call('c2', { channel: 'fax', durationSeconds: -1 }),
      { id: 'c3', typo: 1 },
    ])
    expect(answer.status).toBe(422)
    expect(answer.json.error.code).toBe('VALIDATION_ERROR')
    expect(
      answer.json.error.details.map((detail: { index: number; field: string }) => [detail.index, detail.field]),
    ).toEqual([
      [1, 'channel'],
      [1, 'durationSeconds'],
      [2, 'typo'],
    ])
    expect((await account.request('GET', '/v1/records/calls')).json.data).toEqual([])
  })

  test('onError=skip stores the valid ones, also where only the merged record is wrong', async () => {
    await post('calls', call('c0'))
    const records = [
      call('c1'),
      { id: 'c0', endedAt: '2020-01-01T00:00:00Z' },
      { id: 'c9', channel: 'phone' },
      call('c2', { revision: 'x' }),
    ]
    const answer = await post('calls', records, '?onError=skip')
    expect(answer.status).toBe(200)
    expect(answer.json.data).toMatchObject({ accepted: 1, created: 1, rejected: 3 })
    expect(answer.json.data.errors.map((error: { index: number }) => error.index)).toEqual([1, 2, 3])
  })

  test('dryRun counts and stores nothing', async () => {
    const answer = await post('calls', [call('c1'), call('c1')], '?dryRun=true')
    expect(answer.json.data).toMatchObject({ created: 1, unchanged: 1 })
    expect((await account.request('GET', '/v1/records/calls')).json.data).toEqual([])
    await post('calls', call('c1'))
    expect(await readCall('c1')).toMatchObject({ number: 1, sequence: 1 })
  })

  test.each([
    ['malformed JSON', '{"id":', 'application/json', 400],
    ['malformed NDJSON', '{"id":"c1"}\n{oops', 'application/x-ndjson', 400],
    ['another content type', 'id,channel', 'text/csv', 415],
    ['a number instead of a record', '5', 'application/json', 422],
  ])('%s', async (_, body, type, status) => {
    expect((await post('calls', body, '', { 'Content-Type': type })).status).toBe(status)
  })

  test('malformed gzip, an unknown collection, a missing scope', async () => {
    expect(
      (
        await post('calls', Buffer.from('no gzip'), '', {
          'Content-Type': 'application/json',
          'Content-Encoding': 'gzip',
        })
      ).status,
    ).toBe(400)
    expect((await post('calz', {})).status).toBe(404)
    account = await earshot.account({ scopes: ['calls:read'] })
    expect((await post('calls', call('c1'))).status).toBe(403)
  })

  test('more records or bytes than allowed, before and after decompression', async () => {
    const many = Array.from({ length: 1001 }, (_, index) => call(`c${index}`))
    expect((await post('calls', many)).status).toBe(413)
    const bomb = gzipSync(Buffer.alloc(3_000_000, ' '))
    expect(
      (await post('calls', bomb, '', { 'Content-Type': 'application/json', 'Content-Encoding': 'gzip' })).status,
    ).toBe(413)
    expect((await post('calls', 'x'.repeat(2_100_000), '', { 'Content-Type': 'application/json' })).status).toBe(413)
  })

  test('nothing sent is accepted as nothing', async () => {
    for (const body of ['', '[]']) {
      const answer = await post('calls', body, '', { 'Content-Type': 'application/json' })
      expect(answer.json).toEqual({
        data: { accepted: 0, created: 0, updated: 0, unchanged: 0, rejected: 0, errors: [] },
      })
    }
  })

  test('a duration whose end cannot be stored', async () => {
    const answer = await post('calls', call('c1', { startedAt: '2290-01-01T00:00:00Z', durationSeconds: 1e9 }))
    expect(answer.status).toBe(422)
    expect(answer.json.error.details).toMatchObject([{ index: 0, field: 'durationSeconds' }])
  })

  test('fields over their limits', async () => {
    const wrong = {
      identity: 'x'.repeat(257),
      notes: 'x'.repeat(65_537),
      tags: Array.from({ length: 1001 }, () => 'x'),
      attributes: { 'Not-Allowed': 1 },
      sentimentScore: 1.5,
      startedAt: '2026-02-30T00:00:00Z',
      endedAt: '2026-05-03T14:05:07',
      id: 'has space',
    }
    const answer = await post('calls', call('c1', wrong))
    expect(answer.json.error.details.map((detail: { field: string }) => detail.field).sort()).toEqual(
      Object.keys(wrong).sort(),
    )
  })
})

describe('NDJSON and gzip', () => {
  test('gzipped lines, blank ones not counted', async () => {
    const lines = `${JSON.stringify(call('c1'))}\n\n  \n${JSON.stringify(call('c2', { channel: 'x' }))}\n`
    const answer = await post('calls', gzipSync(lines), '?onError=skip', {
      'Content-Type': 'application/x-ndjson',
      'Content-Encoding': 'gzip',
    })
    expect(answer.json.data).toMatchObject({ accepted: 1, rejected: 1, errors: [{ index: 1 }] })
  })
})

describe('idempotency keys', () => {
  test('a repeated request gets the first answer, another request with the key a conflict', async () => {
    const key = { 'Idempotency-Key': 'night-1' }
    const first = await post('calls', call('c1'), '', key)
    const again = await post('calls', call('c1'), '', key)
    expect(again.json).toEqual(first.json)
    expect((await post('calls', call('c2'), '', key)).status).toBe(409)
  })

  test('an answer counts until it is forgotten, and the key is free from then on', async () => {
    const key = { 'Idempotency-Key': 'night-1' }
    const first = await post('calls', call('c1'), '', key)
    const { postgres } = earshot.ports
    await postgres.run(sql`
      UPDATE idempotency_keys
      SET created_at = now() - INTERVAL '73 hours'
      WHERE account_id = ${account.id}`)
    expect((await post('calls', call('c1'), '', key)).json).toEqual(first.json)
    expect((await post('calls', call('c2'), '', key)).status).toBe(409)
    await forgetAnswers(earshot.ports)
    expect((await post('calls', call('c2'), '', key)).json.data).toMatchObject({ created: 1 })
  })

  test('repetitions at the same time do the work once', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, () => post('calls', call('c1'), '', { 'Idempotency-Key': 'k' })),
    )
    for (const answer of answers) expect(answer.json.data).toMatchObject({ created: 1 })
  })
})

describe('deletion', () => {
  test('a call goes with all its parts, and none can be written again', async () => {
    await post('calls', call('c1'))
    await post(
      'turns',
      [1, 2].map((n) => ({ id: `t${n}`, callId: 'c1', participant: 'agent', at: '2026-05-03T14:05:08Z' })),
    )
    await post('surveys', { callId: 'c1', state: 'Completed' })
    const answer = await account.request('DELETE', '/v1/ingest/calls/c1')
    expect(answer.json).toEqual({ data: { deleted: 4 } })
    expect((await account.request('GET', '/v1/records/calls/c1')).status).toBe(404)
    expect((await account.request('GET', '/v1/records/turns/t1')).status).toBe(404)
    for (const [collection, record] of [
      ['calls', call('c1')],
      ['turns', { id: 't1', callId: 'c1', participant: 'agent', at: '2026-05-03T14:05:08Z' }],
      ['turns', { id: 't9', callId: 'c1', participant: 'agent', at: '2026-05-03T14:05:08Z' }],
    ] as const) {
      const refused = await post(collection, record)
      expect(refused.status).toBe(422)
      expect(refused.json.error.details[0].reason).toBe('deleted')
    }
    expect((await account.request('DELETE', '/v1/ingest/calls/c1')).json).toEqual({ data: { deleted: 0 } })
    expect((await account.request('DELETE', '/v1/ingest/calls/never')).status).toBe(404)
    await waitUntilReadable(earshot.ports, account.id)
    const rows = await earshot.ports.clickhouse.rows(
      'SELECT notes, started_at FROM calls FINAL WHERE account_id = {id:UInt32}',
      { id: account.id },
    )
    expect(rows).toEqual([{ notes: null, started_at: '1970-01-01 00:00:00.000' }])
  })

  test('a part alone', async () => {
    await post('calls', call('c1'))
    await post('evaluations', { callId: 'c1', status: 'evaluated', score: 3 })
    expect((await account.request('DELETE', '/v1/ingest/evaluations/c1')).json.data.deleted).toBe(1)
    await waitUntilReadable(earshot.ports, account.id)
    const rows = await earshot.ports.clickhouse.rows(
      'SELECT has_evaluation FROM calls FINAL WHERE account_id = {id:UInt32}',
      { id: account.id },
    )
    expect(rows).toEqual([{ has_evaluation: false }])
  })
})

describe('replacing turns', () => {
  const turn = (id: string, text: string) => ({ id, participant: 'agent', at: '2026-05-03T14:05:08Z', text })

  test('puts the final turns in the place of the interim ones, and brings left out ones back', async () => {
    await post('calls', call('c1'))
    const put = (turns: unknown) => account.request('PUT', '/v1/ingest/calls/c1/turns', turns)
    await put([turn('t1', 'interim'), turn('t2', 'interim')])
    expect((await put([turn('t2', 'final'), turn('t3', 'final')])).json.data).toMatchObject({
      created: 1,
      updated: 1,
      deleted: 1,
    })
    const texts = async () =>
      (await readCall('c1', '?include=turns')).turns.map(
        (entry: { id: string; text: string }) => `${entry.id} ${entry.text}`,
      )
    expect(await texts()).toEqual(['t2 final', 't3 final'])
    expect((await post('turns', { ...turn('t1', 'late'), callId: 'c1' })).status).toBe(422)
    await put([turn('t1', 'back')])
    expect(await texts()).toEqual(['t1 back'])
    expect((await put([])).json.data).toMatchObject({ deleted: 1 })
  })

  test('turns of one time stand in the order in which they were first sent, whatever is corrected or replaced', async () => {
    await post('calls', call('c1'))
    const told = async () => {
      const own = (await readCall('c1', '?include=turns')).turns.map((entry: { text: string }) => entry.text)
      const transcript = await account.request('GET', '/api/v1/calls/c1/transcript')
      const segments: { text: string }[] = transcript.json.segments
      expect(segments.map(({ text }) => text)).toEqual(own)
      return own
    }
    const put = (...turns: unknown[]) => account.request('PUT', '/v1/ingest/calls/c1/turns', turns)
    const send = (id: string, text: string) => post('turns', { ...turn(id, text), callId: 'c1' })
    await put(turn('b', 'one'), turn('a', 'two'))
    await send('c', 'three')
    await send('b', 'one, corrected')
    expect(await told()).toEqual(['one, corrected', 'two', 'three'])
    await put(turn('d', 'four'), turn('b', 'one, final'), turn('c', 'three'))
    expect(await told()).toEqual(['one, final', 'three', 'four'])
    await put(turn('d', 'four'), turn('a', 'two, back'), turn('b', 'one, final'))
    await send('b', 'one, again')
    expect(await told()).toEqual(['one, again', 'two, back', 'four'])
  })

  test('a turn that an older version wrote stands where it was', async () => {
    await earshot.ports.clickhouse.insert(
      'turns',
      ['account_id', 'id', 'call_id', 'participant', 'at', 'seq', 'batch'],
      Buffer.from(`${JSON.stringify([account.id, 't1', 'c1', 'agent', 0, 7, 1])}\n`),
    )
    const rows = await earshot.ports.clickhouse.rows(
      'SELECT toUInt32(first_seq) AS place FROM turns FINAL WHERE account_id = {id:UInt32}',
      { id: account.id },
    )
    expect(rows).toEqual([{ place: 7 }])
  })

  test('turns that came before their call keep their order, too, and other parts likewise', async () => {
    for (const id of ['b', 'a']) await post('turns', { ...turn(id, id), callId: 'c1' })
    for (const id of ['y', 'x']) await post('engagements', { id, callId: 'c1' })
    await post('turns', { id: 'b', callId: 'c1', text: 'b, corrected' })
    await post('engagements', { id: 'y', callId: 'c1', name: 'corrected' })
    await post('calls', call('c1'))
    const { turns, engagements } = await readCall('c1', '?include=turns,engagements')
    expect(turns.map((entry: { text: string }) => entry.text)).toEqual(['b, corrected', 'a'])
    expect(engagements.map((entry: { id: string }) => entry.id)).toEqual(['y', 'x'])
  })
})

describe('accounts', () => {
  test('never meet: the same ids in two accounts, and neither sees the other', async () => {
    await post('calls', call('c1', { notes: 'mine' }))
    const other = await earshot.account()
    expect((await other.request('GET', '/v1/records/calls/c1')).status).toBe(404)
    expect((await other.request('DELETE', '/v1/ingest/calls/c1')).status).toBe(404)
    await other.request('POST', '/v1/ingest/calls', call('c1', { notes: 'theirs' }))
    expect(await readCall('c1')).toMatchObject({ notes: 'mine', number: 1 })
  })
})

describe('many at once', () => {
  test('concurrent senders lose nothing and double nothing', async () => {
    const sends = Array.from({ length: 60 }, (_, index) =>
      post('calls', [call(`c${index % 20}`, { attributes: { [`a${index}`]: index } })]),
    )
    const answers = await Promise.all(sends)
    expect(answers.every((answer) => answer.status === 200)).toBe(true)
    const list = (await account.request('GET', '/v1/records/calls')).json.data
    expect(list.map((entry: { number: number }) => entry.number)).toEqual(
      Array.from({ length: 20 }, (_, index) => index + 1),
    )
    for (const entry of list) expect(Object.keys(entry.attributes)).toHaveLength(3)
  })

  test('a list ends where a batch is not yet wholly there', async () => {
    await post(
      'calls',
      ['c1', 'c2', 'c3'].map((id) => call(id)),
    )
    // As where a batch of a program beside this one has come to one shard: its first call is still to come.
    await earshot.ports.clickhouse.insert(
      'calls',
      ['account_id', 'number', 'id', 'channel', 'status', 'batch'],
      Buffer.from(`${JSON.stringify([account.id, 5, 'c5', 'phone', 'active', 2])}\n`),
    )
    const list = await account.request('GET', '/v1/records/calls')
    expect(list.json.data.map((entry: { id: string }) => entry.id)).toEqual(['c1', 'c2', 'c3'])
  })

  test('pages of a list neither repeat nor skip', async () => {
    await post(
      'calls',
      Array.from({ length: 25 }, (_, index) => call(`c${index}`)),
    )
    const seen: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const page: { json: { data: { id: string }[]; nextCursor: string | null } } = await account.request(
        'GET',
        `/v1/records/calls?limit=10${cursor && `&cursor=${cursor}`}`,
      )
      seen.push(...page.json.data.map((entry) => entry.id))
      cursor = page.json.nextCursor
    }
    expect(seen).toEqual(Array.from({ length: 25 }, (_, index) => `c${index}`))
  })
})

test('a language as operating systems name it is kept as BCP 47 writes it, and found either way', async () => {
  const account = await earshot.account()
  const base = { channel: 'phone', status: 'completed', startedAt: '2026-05-03T10:00:00Z', durationSeconds: 1 }
  for (const [id, language, kept] of [
    ['posix', 'es_CL', 'es-CL'],
    ['encoded', 'es_CL.UTF-8', 'es-CL'],
    ['tag', 'es-CL', 'es-CL'],
    ['other', 'my_own words', 'my_own words'],
  ] as const) {
    const sent = await account.request('POST', '/v1/ingest/calls', { ...base, id, language })
    expect(sent.json.data.created).toBe(1)
    expect((await account.request('GET', `/v1/records/calls/${id}`)).json.data.language).toBe(kept)
  }
  for (const language of ['es_CL', 'es-CL']) {
    const path = `/v1/analytics/trends?dateFrom=2026-05-03&dateTo=2026-05-03&language=${language}`
    expect((await account.request('GET', path)).json.data[0].totalCalls).toBe(3)
  }
})
