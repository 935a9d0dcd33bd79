import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { audioFile, wavFile } from '../../test/audioFiles.ts'
import { openTestApp, type TestAccount, type TestApp } from '../../test/testApp.ts'
import { makeWaveform } from '../features/recordings/makeWaveform.ts'
import { sql } from '../store/postgres/postgres.ts'

let earshot: TestApp
let account: TestAccount
let calls = 0

beforeAll(async () => {
  earshot = await openTestApp()
  account = await earshot.account()
  await addEndpoint(account, ['*'])
})
afterAll(() => earshot.close())

/** An endpoint as the store has it: which events it wants is all that counts here. */
async function addEndpoint({ id }: TestAccount, events: string[]): Promise<string> {
  const endpointId = `wh_${id}_${events.join()}`
  await earshot.ports.postgres.run(sql`
    INSERT INTO webhook_endpoints (id, account_id, url, events, secret, created_at, updated_at)
    VALUES (${endpointId}, ${id}, 'https://example.com/', ${events}, ${Buffer.from('sealed')}, now(), now())`)
  return endpointId
}

interface Told {
  type: string
  data: Record<string, unknown>
}

async function toldOf(callId: string, { id } = account): Promise<Told[]> {
  const rows = await earshot.ports.postgres.query<{ type: string; data: string }>(sql`
    SELECT event.type, event.data
    FROM webhook_events AS event
    JOIN webhook_deliveries AS delivery ON delivery.event_id = event.id
    WHERE event.account_id = ${id}
      AND event.call_id = ${callId}
    ORDER BY event.ctid`)
  return rows.map(({ type, data }) => ({ type, data: JSON.parse(data) }))
}

const typesOf = async (callId: string, of = account) => (await toldOf(callId, of)).map(({ type }) => type)

/** A call of its own for each test, that began a minute ago. */
function newCall(more: Record<string, unknown> = {}): { id: string } & Record<string, unknown> {
  const startedAt = new Date(earshot.ports.now() - 60_000).toISOString()
  return { id: `call-${++calls}`, channel: 'phone', status: 'active', startedAt, ...more }
}

async function send(collection: string, records: unknown, query = ''): Promise<void> {
  const answer = await account.request('POST', `/v1/ingest/${collection}${query}`, records)
  expect(answer.status, answer.text).toBe(200)
}

const ended = { status: 'completed', durationSeconds: 30 }

describe('a call is announced', () => {
  test('as it starts, ends and is analyzed, once', async () => {
    const call = newCall()
    await send('calls', call)
    expect(await typesOf(call.id)).toEqual(['call.started'])
    await send('calls', call)
    await send('calls', { id: call.id, ...ended, phase: 'PROCESSING' })
    expect(await typesOf(call.id)).toEqual(['call.started', 'call.completed'])
    await send('calls', { id: call.id, phase: 'DONE' })
    await send('calls', { id: call.id, status: 'active' })
    await send('calls', { id: call.id, status: 'failed' })
    expect(await typesOf(call.id)).toEqual(['call.started', 'call.completed', 'call.analyzed'])
  })

  test('as started and completed when it is first seen ended', async () => {
    const call = newCall(ended)
    await send('calls', call)
    expect(await typesOf(call.id)).toEqual(['call.started', 'call.completed', 'call.analyzed'])
  })

  test('as escalated and completed when it ends so, and as escalated once', async () => {
    const call = newCall()
    await send('calls', call)
    await send('calls', { id: call.id, ...ended, status: 'escalated', phase: 'QUEUED' })
    await send('calls', { id: call.id, status: 'completed' })
    await send('calls', { id: call.id, status: 'escalated' })
    expect(await typesOf(call.id)).toEqual(['call.started', 'call.escalated', 'call.completed'])
  })

  test('with every state that one request passes through, and none when the request is repeated', async () => {
    const call = newCall()
    const { id } = call
    const way = [call, { id, status: 'escalated', durationSeconds: 9 }, { id, status: 'completed', phase: 'QUEUED' }]
    await send('calls', way)
    const once = ['call.started', 'call.escalated', 'call.completed', 'call.analyzed']
    expect(await typesOf(id)).toEqual(once)
    await send('calls', way)
    expect(await typesOf(id)).toEqual(once)
  })

  test('when it ends for good, though it had ended and gone on within one request before', async () => {
    const call = newCall({ phase: 'PROCESSING' })
    const { id } = call
    await send('calls', call)
    await send('calls', [
      { id, status: 'completed', durationSeconds: 30 },
      { id, status: 'active', durationSeconds: null },
    ])
    expect(await typesOf(id)).toEqual(['call.started'])
    await send('calls', { id, ...ended })
    expect(await typesOf(id)).toEqual(['call.started', 'call.completed'])
  })

  test('with the data of the calls API', async () => {
    const call = newCall({ ...ended, externalEndpoint: '+56911111111', requesterName: 'Ana', toolsUsed: ['search'] })
    await send('calls', call)
    const [told] = await toldOf(call.id)
    const shown = await account.request('GET', `/api/v1/calls/${call.id}`)
    expect(told?.data).toEqual(shown.json)
  })

  test('after its evaluation and survey are completed, also those that came before it', async () => {
    const call = newCall({ phase: 'PROCESSING' })
    await send('evaluations', { callId: call.id, status: 'processing' })
    await send('surveys', { callId: call.id, state: 'Completed', score: 9 })
    expect(await typesOf(call.id)).toEqual([])
    await send('calls', call)
    expect(await typesOf(call.id)).toEqual(['call.started', 'survey.completed'])
    await send('evaluations', { callId: call.id, status: 'evaluated', score: 7.5 })
    await send('evaluations', { callId: call.id, status: 'evaluated', score: 8 })
    const told = await toldOf(call.id)
    expect(told.map(({ type }) => type)).toEqual(['call.started', 'survey.completed', 'evaluation.completed'])
    expect(told[1]?.data['survey']).toMatchObject({ state: 'Completed', score: 9, completion_reason: null })
    expect(told[2]?.data['evaluation']).toMatchObject({ status: 'evaluated', score: 7.5 })
  })

  test('of a recording once more when its length is found to be another', async () => {
    const lengthOf = async (callId: string) =>
      (await toldOf(callId))
        .filter(({ type }) => type === 'recording.ready')
        .map(({ data }) => (data['recording'] as Record<string, unknown>)['duration_seconds'])
    // Without a length of its own, as it is recorded.
    const live = audioFile('tone-live.webm')
    const ids: string[] = []
    for (const query of ['', '?announce=false']) {
      const call = newCall()
      await send('calls', call)
      const path = `/v1/ingest/calls/${call.id}/recording${query}`
      const sent = await account.request('PUT', path, live, { 'Content-Type': 'audio/webm' })
      expect(sent.status).toBe(200)
      await makeWaveform(earshot.ports, {
        id: randomUUID(),
        kind: 'waveform',
        accountId: account.id,
        input: { recordingId: sent.json.data.recordingId },
        attempt: 1,
        signal: new AbortController().signal,
      })
      ids.push(call.id)
      const correct = (seconds: number) =>
        account.request('PUT', `${path}${query === '' ? '?' : '&'}durationSeconds=${seconds}`, live, {
          'Content-Type': 'audio/webm',
        })
      expect((await correct(60)).status).toBe(200)
      expect((await correct(60.2)).status).toBe(200)
    }
    const [loud = '', silent = ''] = ids
    expect(await lengthOf(loud)).toEqual([null, expect.closeTo(3.5, 1), 60])
    expect(await lengthOf(silent)).toEqual([])
  })
})

describe('nothing is announced', () => {
  test('of calls that ended more than a day ago', async () => {
    const endedAt = earshot.ports.now() - 86_400_000
    const at = (ms: number) => ({ startedAt: new Date(ms - 5000).toISOString(), endedAt: new Date(ms).toISOString() })
    const old = newCall({ ...ended, ...at(endedAt - 1000) })
    const young = newCall({ ...ended, ...at(endedAt + 60_000) })
    await send('calls', [old, young])
    await send('evaluations', { callId: old.id, status: 'evaluated' })
    expect([await typesOf(old.id), (await typesOf(young.id)).length]).toEqual([[], 3])
  })

  test('when the request says so, when it only checks, and when it is refused', async () => {
    const call = newCall()
    await send('calls', call, '?dryRun=true')
    const faulty = await account.request('POST', '/v1/ingest/calls', [call, { id: call.id, durationSeconds: -1 }])
    expect(faulty.status).toBe(422)
    await send('calls', { ...call, ...ended }, '?announce=false')
    expect(await typesOf(call.id)).toEqual([])
    // What was passed over in silence is not made up for.
    await send('calls', { id: call.id, notes: 'later' })
    expect(await typesOf(call.id)).toEqual([])
  })

  test('of a recording whose upload says so', async () => {
    const call = newCall()
    await send('calls', call)
    const upload = (loudness: number, query: string) =>
      account.request(
        'PUT',
        `/v1/ingest/calls/${call.id}/recording${query}`,
        wavFile(0.1, () => [loudness]),
        { 'Content-Type': 'audio/wav' },
      )
    expect((await upload(0.1, '?announce=false')).status).toBe(200)
    expect(await typesOf(call.id)).toEqual(['call.started'])
    expect((await upload(0.2, '')).status).toBe(200)
    expect(await typesOf(call.id)).toEqual(['call.started', 'recording.ready'])
  })

  test('to endpoints that do not want it, that are off, or of other accounts', async () => {
    const other = await earshot.account()
    const choosy = await addEndpoint(other, ['call.completed'])
    const off = await addEndpoint(other, ['*'])
    await earshot.ports.postgres.run(sql`UPDATE webhook_endpoints SET is_active = false WHERE id = ${off}`)
    const call = newCall(ended)
    await other.request('POST', '/v1/ingest/calls', call)
    const deliveries = await earshot.ports.postgres.query(sql`
      SELECT delivery.endpoint_id, event.type
      FROM webhook_deliveries AS delivery
      JOIN webhook_events AS event ON event.id = delivery.event_id
      WHERE event.call_id = ${call.id}`)
    expect(deliveries).toEqual([{ endpoint_id: choosy, type: 'call.completed' }])
    const events = await earshot.ports.postgres.query(sql`SELECT FROM webhook_events WHERE call_id = ${call.id}`)
    expect(events.length).toBe(1)
  })
})

test('an event is written together with its batch', async () => {
  const call = newCall()
  const { clickhouse } = earshot.ports
  const held = Promise.withResolvers<void>()
  const insert = clickhouse.insert.bind(clickhouse)
  clickhouse.insert = async (...given) => {
    await held.promise
    return insert(...given)
  }
  try {
    await send('calls', call)
    const open = await earshot.ports.postgres.query(sql`
      SELECT delivery.event_id
      FROM ingest_batches AS open
      JOIN webhook_deliveries AS delivery USING (account_id, batch)
      JOIN webhook_events AS event ON event.id = delivery.event_id
      WHERE event.call_id = ${call.id}`)
    expect(open.length).toBe(1)
  } finally {
    clickhouse.insert = insert
    held.resolve()
  }
})
