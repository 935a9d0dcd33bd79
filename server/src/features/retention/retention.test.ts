import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { wavFile } from '../../../test/audioFiles.ts'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'
import { systemContext } from '../../context.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { sweepRecordings } from '../recordings/sweepRecordings.ts'
import { applyRetention } from './applyRetention.ts'
import { purgeDeleted } from './purgeDeleted.ts'

let earshot: TestApp
let account: TestAccount
const now = Date.parse('2026-11-21T12:00:00Z')
const dayMs = 86_400_000

beforeAll(async () => {
  earshot = await openTestApp()
})
afterAll(() => earshot.close())
afterEach(() => {
  earshot.ports.now = Date.now
})

const at = (days: number): string => new Date(now + days * dayMs).toISOString()

async function send(collection: string, ...records: object[]): Promise<void> {
  const sent = await account.request('POST', `/v1/ingest/${collection}`, records)
  expect(sent.json).toMatchObject({ data: { accepted: records.length } })
}

/** A fresh account with calls that ended so many days ago, each with a turn, a review and an evaluation. */
async function accountWith(calls: Record<string, number>): Promise<void> {
  earshot.ports.now = () => now
  account = await earshot.account()
  const ids = Object.keys(calls)
  await send(
    'calls',
    ...ids.map((id) => ({
      id,
      channel: 'phone',
      status: 'completed',
      startedAt: at(-(calls[id] ?? 0) - 0.01),
      endedAt: at(-(calls[id] ?? 0)),
      notes: `notes of ${id}`,
    })),
  )
  const startedAt = (id: string) => at(-(calls[id] ?? 0) - 0.01)
  await send(
    'turns',
    ...ids.map((id) => ({ id: `t-${id}`, callId: id, participant: 'agent', at: startedAt(id), text: `said in ${id}` })),
  )
  await send('reviews', ...ids.map((id) => ({ id: `r-${id}`, callId: id, comment: `comment on ${id}` })))
  await send('evaluations', ...ids.map((id) => ({ callId: id, status: 'evaluated', reason: `reason of ${id}` })))
}

const retain = (retention: Record<string, number | null>) =>
  account.request('PATCH', '/v1/admin/account', { retention: { recordingsDays: null, ...retention } })

const upload = async (id: string): Promise<string> =>
  (
    await account.request(
      'PUT',
      `/v1/ingest/calls/${id}/recording`,
      wavFile(0.2, () => [0.5]),
      {
        'Content-Type': 'audio/wav',
      },
    )
  ).json.data.recordingId

async function idsOf(collection: string): Promise<string[]> {
  const page = await account.request('GET', `/v1/records/${collection}?limit=1000`)
  return page.json.data.map((record: { id?: string; callId: string }) => record.id ?? record.callId)
}

async function told(action: string): Promise<string[]> {
  const rows = await earshot.ports.postgres.query<{ ids: string[] }>(sql`
    SELECT details->'callIds' AS ids
    FROM audit_events
    WHERE account_id = ${account.id}
      AND action = ${action}
    ORDER BY id`)
  return rows.flatMap((row) => row.ids)
}

describe('the settings', () => {
  test('begin with 90 days for recordings, and are changed one by one', async () => {
    account = await earshot.account()
    const kept = async () => (await account.request('GET', '/v1/admin/account')).json.retention
    expect(await kept()).toEqual({ recordingsDays: 90, callsDays: null, turnsDays: null })
    const changed = await account.request('PATCH', '/v1/admin/account', { retention: { callsDays: 365 } })
    expect(changed.json.retention).toEqual({ recordingsDays: 90, callsDays: 365, turnsDays: null })
    expect(await kept()).toEqual(changed.json.retention)
    expect((await retain({ callsDays: null })).json.retention).toEqual({
      recordingsDays: null,
      callsDays: null,
      turnsDays: null,
    })
  })

  test.each([{ callsDays: 0 }, { callsDays: -1 }, { callsDays: 1.5 }, { callsDays: '7' }, { callDays: 7 }])(
    'are refused when they are none: %j',
    async (retention) => {
      account = await earshot.account()
      expect((await account.request('PATCH', '/v1/admin/account', { retention })).status).toBe(422)
    },
  )
})

test('calls go with all their parts and bytes when they ended long enough ago; the feed of changes tells of it', async () => {
  await accountWith({ old: 31, older: 400, young: 29 })
  await upload('old')
  const before = await account.request('GET', '/v1/records/calls/young')
  await retain({ callsDays: 30 })
  await applyRetention(systemContext(earshot.ports, account.id))
  expect(await idsOf('calls')).toEqual(['young'])
  expect(await idsOf('turns')).toEqual(['t-young'])
  expect(await idsOf('reviews')).toEqual(['r-young'])
  expect(await idsOf('evaluations')).toEqual(['young'])
  expect((await told('retention.calls')).toSorted()).toEqual(['old', 'older'])
  const changes = await earshot.ports.clickhouse.rows<{ seq: number }>(
    'SELECT seq FROM calls FINAL WHERE account_id = {accountId:UInt32} AND removed = 1 ORDER BY seq',
    { accountId: account.id },
  )
  expect(changes).toHaveLength(2)
  for (const { seq } of changes) expect(seq).toBeGreaterThan(before.json.data.sequence)
  await sweepRecordings(earshot.ports)
  expect(await earshot.ports.postgres.query(sql`SELECT id FROM recordings WHERE account_id = ${account.id}`)).toEqual(
    [],
  )
  await applyRetention(systemContext(earshot.ports, account.id))
  expect(await told('retention.calls')).toHaveLength(2)
})

test('a call that is deleted by hand is told of in the audit log, with who did it', async () => {
  await accountWith({ mine: 1, kept: 1 })
  await account.request('DELETE', '/v1/ingest/calls/mine')
  await account.request('DELETE', '/v1/ingest/turns/t-kept')
  await account.request('DELETE', '/v1/ingest/calls/unknown')
  const told = await earshot.ports.postgres.query(sql`
    SELECT actor LIKE 'key:%' AS is_key, subject, details
    FROM audit_events
    WHERE account_id = ${account.id}
      AND action = 'call.deleted'`)
  expect(told).toEqual([{ is_key: true, subject: 'call:mine', details: { records: 4 } }])
})

test('turns go alone', async () => {
  await accountWith({ old: 8, young: 6 })
  await retain({ turnsDays: 7 })
  await applyRetention(systemContext(earshot.ports, account.id))
  expect(await idsOf('turns')).toEqual(['t-young'])
  expect(await idsOf('calls')).toEqual(['old', 'young'])
  expect(await idsOf('reviews')).toEqual(['r-old', 'r-young'])
  await applyRetention(systemContext(earshot.ports, account.id))
  expect(await told('retention.turns')).toEqual(['old'])
})

test('recordings go so many days after their upload; their calls stay', async () => {
  await accountWith({ first: 200, second: 1 })
  await upload('first')
  earshot.ports.now = () => now + 10 * dayMs
  const kept = await upload('second')
  earshot.ports.now = () => now + 90 * dayMs
  await retain({ recordingsDays: 90 })
  await applyRetention(systemContext(earshot.ports, account.id))
  expect(await told('retention.recordings')).toEqual([])
  earshot.ports.now = () => now + 90 * dayMs + 1
  await applyRetention(systemContext(earshot.ports, account.id))
  expect(await told('retention.recordings')).toEqual(['first'])
  const gone = (await account.request('GET', '/v1/records/calls/first')).json.data
  expect(gone).toMatchObject({ id: 'first', notes: 'notes of first' })
  expect(Object.keys(gone).filter((name) => name.startsWith('recording'))).toEqual([])
  await sweepRecordings(earshot.ports)
  const left = await earshot.ports.postgres.query(sql`SELECT id FROM recordings WHERE account_id = ${account.id}`)
  expect(left).toEqual([{ id: kept }])
})

test('more calls than one batch holds all go, and another account keeps its own', async () => {
  await accountWith({ mine: 100 })
  const first = account
  await accountWith(Object.fromEntries(Array.from({ length: 450 }, (_, index) => [`c${index}`, 100])))
  await retain({ callsDays: 30 })
  await applyRetention(systemContext(earshot.ports, account.id))
  expect(await idsOf('calls')).toEqual([])
  expect(await told('retention.calls')).toHaveLength(450)
  account = first
  expect(await idsOf('calls')).toEqual(['mine'])
})

describe('what was deleted', () => {
  const everyVersion = async (): Promise<string> => {
    const tables = ['calls', 'turns', 'reviews', 'evaluations', 'customers']
    const texts = await Promise.all(
      tables.map(async (table) =>
        JSON.stringify(
          await earshot.ports.clickhouse.rows(`SELECT * FROM ${table} WHERE account_id = {accountId:UInt32}`, {
            accountId: account.id,
          }),
        ),
      ),
    )
    return texts.join('\n')
  }

  test('is cut out of the parts of the engine, and nothing else is', async () => {
    await accountWith({ gone: 1, kept: 1 })
    await send('customers', { id: 'cu1', name: 'Name of the deleted' }, { id: 'cu2', name: 'Name of the kept' })
    expect(await idsOf('calls')).toEqual(['gone', 'kept'])
    // The engine may merge old versions away by itself, at any time.
    await earshot.ports.clickhouse.command('SYSTEM STOP MERGES')
    await account.request('DELETE', '/v1/ingest/calls/gone')
    await account.request('DELETE', '/v1/ingest/customers/cu1')
    await account.request('DELETE', '/v1/ingest/evaluations/kept')
    expect(await idsOf('calls')).toEqual(['kept'])
    const before = await everyVersion()
    for (const text of ['said in gone', 'notes of gone', 'reason of kept']) expect(before, text).toContain(text)
    await earshot.ports.clickhouse.command('SYSTEM START MERGES')
    await purgeDeleted(earshot.ports)
    const left = await everyVersion()
    for (const text of ['said in gone', 'notes of gone', 'comment on gone', 'reason of gone', 'Name of the deleted']) {
      expect(left, text).not.toContain(text)
    }
    // The copy on the call's row too.
    expect(left).not.toContain('reason of kept')
    for (const text of ['said in kept', 'notes of kept', 'comment on kept', 'Name of the kept']) {
      expect(left, text).toContain(text)
    }
    expect(await idsOf('calls')).toEqual(['kept'])
    const again = await account.request('POST', '/v1/ingest/calls', {
      id: 'gone',
      channel: 'phone',
      status: 'active',
      startedAt: at(0),
    })
    expect(again.json.error.details[0].reason).toBe('deleted')
  })

  test('takes the events that quote it with it, once they are told', async () => {
    await accountWith({ quoted: 1 })
    const { postgres } = earshot.ports
    await postgres.run(sql`
      INSERT INTO webhook_endpoints (id, account_id, url, events, secret, created_at, updated_at)
      VALUES ('ep1', ${account.id}, 'https://example.com', ARRAY['*'], '', now(), now())`)
    for (const [id, status] of [
      ['e1', 'succeeded'],
      ['e2', 'pending'],
    ] as const) {
      await postgres.run(sql`
        INSERT INTO webhook_events (id, account_id, type, call_id, data, at)
        VALUES (${id}, ${account.id}, 'call.completed', 'quoted', '{}', now())`)
      await postgres.run(sql`
        INSERT INTO webhook_deliveries (id, account_id, endpoint_id, event_id, status, next_at, created_at)
        VALUES (gen_random_uuid(), ${account.id}, 'ep1', ${id}, ${status}, now(), now())`)
    }
    const left = () => postgres.query(sql`SELECT id FROM webhook_events WHERE account_id = ${account.id} ORDER BY id`)
    await purgeDeleted(earshot.ports)
    expect(await left()).toHaveLength(2)
    await account.request('DELETE', '/v1/ingest/calls/quoted')
    await purgeDeleted(earshot.ports)
    expect(await left()).toEqual([{ id: 'e2' }])
    await postgres.run(sql`UPDATE webhook_deliveries SET status = 'failed' WHERE event_id = 'e2'`)
    await purgeDeleted(earshot.ports)
    expect(await left()).toEqual([])
  })
})
