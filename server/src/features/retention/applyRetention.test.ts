import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'
import { systemContext } from '../../context.ts'
import { calls } from '../../domain/collections/calls.ts'
import type { Collection } from '../../domain/collections/collection.ts'
import { turns } from '../../domain/collections/parts.ts'
import { sql } from '../../store/postgres/postgres.ts'
import type { Expiry, Command } from '../../recordLog/command.ts'
import { applyRetention } from './applyRetention.ts'
import { batchesOf } from './batches.ts'
import { expireEarlyParts } from './expireEarlyParts.ts'
import { queueRetention, runRetention } from './queueRetention.ts'
import { RecordFaults } from '../../recordLog/recordFaults.ts'

let earshot: TestApp
let account: TestAccount
const now = Date.now()
const dayMs = 86_400_000
/** When the calls began that tests send: a day before, whenever that is, since what comes is noted by the real clock too. */
const startedAt = new Date(now - dayMs).toISOString()

beforeAll(async () => {
  earshot = await openTestApp()
})
afterAll(() => earshot.close())
beforeEach(async () => {
  account = await earshot.account()
  passDays(0)
})
afterEach(() => {
  earshot.ports.now = Date.now
})

const passDays = (days: number): void => {
  earshot.ports.now = () => now + days * dayMs
}
const context = () => systemContext(earshot.ports, account.id)
const retain = (retention: Record<string, number | null>) =>
  account.request('PATCH', '/v1/admin/account', { retention: { recordingsDays: null, ...retention } })
const callOf = (id: string) => ({
  id,
  channel: 'phone',
  status: 'completed',
  startedAt,
  durationSeconds: 60,
})
const turnOf = (id: string, callId: string) => ({
  id,
  callId,
  participant: 'agent',
  at: startedAt,
  text: `said in ${callId}`,
})
const send = (collection: string, ...records: object[]) => account.request('POST', `/v1/ingest/${collection}`, records)
const idsOf = async (collection: string): Promise<string[]> =>
  (await account.request('GET', `/v1/records/${collection}`)).json.data.map((record: { id: string }) => record.id)

async function told(): Promise<{ action: string; subject: string; ids: string[] }[]> {
  return earshot.ports.postgres.query(sql`
    SELECT action, subject, details->'callIds' AS ids
    FROM audit_events
    WHERE account_id = ${account.id}
      AND action LIKE 'retention.%'
    ORDER BY id`)
}

describe('parts whose call never came', () => {
  const early = async (): Promise<number> => {
    const [row] = await earshot.ports.clickhouse.rows<{ parts: number }>(
      `SELECT
         (SELECT count() FROM turns FINAL WHERE account_id = {accountId:UInt32} AND removed = 0)
           + (SELECT count() FROM evaluations FINAL WHERE account_id = {accountId:UInt32} AND removed = 0) AS parts`,
      { accountId: account.id },
    )
    return row?.parts ?? 0
  }

  test('go when they are old, each told of once; those whose call came stay', async () => {
    await send('turns', turnOf('t1', 'never'), turnOf('t2', 'never'), turnOf('t3', 'came'))
    await send('evaluations', { callId: 'never', status: 'pending' })
    await send('calls', { ...callOf('came'), durationSeconds: null, status: 'active' })
    await retain({ callsDays: 30 })
    passDays(29)
    await applyRetention(context())
    expect([await early(), await told()]).toEqual([4, []])
    passDays(31)
    await applyRetention(context())
    expect([await early(), await idsOf('turns')]).toEqual([1, ['t3']])
    const once = [
      { action: 'retention.earlyParts', subject: 'turns', ids: ['never'] },
      { action: 'retention.earlyParts', subject: 'evaluations', ids: ['never'] },
    ]
    expect(await told()).toEqual(once)
    // By then what says that they are gone is old too.
    passDays(100)
    await applyRetention(context())
    expect(await told()).toEqual(once)
  })

  test('go by when they came, wherever that lies among those of their day', async () => {
    for (let index = 0; index < 5; index++) await send('turns', turnOf(`old-${index}`, `call-${index}`))
    const instant = Date.now() + 1
    await send('turns', turnOf('young-1', 'call-1'), turnOf('young-9', 'call-9'))
    await expireEarlyParts(context(), turns, instant)
    expect([await early(), (await told()).map(({ ids }) => ids.toSorted())]).toEqual([
      2,
      [['call-0', 'call-1', 'call-2', 'call-3', 'call-4']],
    ])
    await expireEarlyParts(context(), turns, Date.now() + 1)
    expect([await early(), (await told()).slice(1).map(({ ids }) => ids.toSorted())]).toEqual([
      0,
      [['call-1', 'call-9']],
    ])
  })

  test('are not shown by a call that comes after all, and cannot be written again', async () => {
    await send('turns', turnOf('t1', 'late'))
    await retain({ turnsDays: 7 })
    passDays(8)
    await applyRetention(context())
    await send('calls', callOf('late'))
    expect(await idsOf('calls')).toEqual(['late'])
    expect(await idsOf('turns')).toEqual([])
    const again = await send('turns', turnOf('t1', 'late'))
    expect(again.json.error.details[0].reason).toBe('deleted')
    expect((await send('turns', turnOf('t2', 'late'))).json.data.created).toBe(1)
  })

  test('stay when their call came after they were chosen', async () => {
    await send('turns', turnOf('t1', 'came'))
    const receivedBefore = Date.now() + dayMs
    await send('calls', callOf('came'))
    const callIds = ['came']
    const gone = await submit({
      kind: 'expire',
      what: 'earlyParts',
      collection: turns,
      callIds,
      records: 1,
      receivedBefore,
    })
    expect([gone.deleted, await idsOf('turns')]).toEqual([0, ['t1']])
  })
})

const submit = (work: Command['work']) =>
  earshot.ports.recordLog.submit(account.id, {
    work,
    faults: new RecordFaults(),
    isDryRun: false,
    isAnnounced: true,
    idempotency: undefined,
  })

test('records written in the same turn as retention passes by keep all they hold', async () => {
  await send('calls', { ...callOf('c1'), notes: 'kept' })
  await send('turns', { ...turnOf('t1', 'c1'), language: 'es' }, turnOf('t2', 'c1'))
  const { number } = (await account.request('GET', '/v1/records/calls/c1')).json.data
  const expiry: Expiry = {
    kind: 'expire',
    what: 'calls',
    callIds: ['c1'],
    numbers: [number],
    records: 3,
    endedBefore: 0,
  }
  const merge = (collection: Collection, key: string, set: Record<string, unknown>) =>
    submit({
      kind: 'merge',
      collection,
      skipsFaults: false,
      writes: [{ index: 0, write: { key, set, revision: undefined } }],
    })
  // Handed in at once, they share the turn.
  const answers = await Promise.all([
    submit(expiry),
    merge(turns, 't1', { id: 't1', callId: 'c1', sentiment: 0.5 }),
    merge(calls, 'c1', { id: 'c1', direction: 'outbound' }),
    submit(expiry),
  ])
  expect(answers).toMatchObject([{ deleted: 0 }, { updated: 1 }, { updated: 1 }, { deleted: 0 }])
  const { data } = (await account.request('GET', '/v1/records/calls/c1?include=turns')).json
  expect(data).toMatchObject({ notes: 'kept', direction: 'outbound' })
  expect(
    data.turns.toSorted((left: { id: string }, right: { id: string }) => (left.id < right.id ? -1 : 1)),
  ).toMatchObject([
    { id: 't1', text: 'said in c1', language: 'es', sentiment: 0.5 },
    { id: 't2', text: 'said in c1' },
  ])
})

describe('a pass', () => {
  const heldJob = () => ({
    id: randomUUID(),
    kind: 'retention',
    accountId: account.id,
    input: {},
    attempt: 1,
    signal: new AbortController().signal,
  })
  const queuedFor = async ({ id }: TestAccount): Promise<number> => {
    const jobs = await earshot.ports.postgres.query(sql`
      SELECT id
      FROM jobs
      WHERE kind = 'retention'
        AND account_id = ${id}`)
    return jobs.length
  }
  afterEach(() => earshot.ports.postgres.run(sql`DELETE FROM jobs WHERE kind = 'retention'`))

  test('that is over waits in line again, once', async () => {
    await send('calls', callOf('c1'))
    await retain({ callsDays: 1 })
    passDays(3)
    // The second is what a process leaves that dies before it ends its job.
    for (const job of [heldJob(), heldJob()]) await runRetention(earshot.ports, job, 0)
    expect([await idsOf('calls'), await queuedFor(account)]).toEqual([['c1'], 1])
  })

  test('that is over goes on where it ended', async () => {
    await send('calls', callOf('c1'), callOf('c2'))
    await send('turns', turnOf('t1', 'c1'))
    await retain({ callsDays: 1 })
    passDays(3)
    expect(await applyRetention(context(), { endsAt: performance.now() })).toBe(false)
    expect([await idsOf('calls'), await told()]).toEqual([['c1', 'c2'], []])
    await expect(applyRetention(context(), { signal: AbortSignal.abort(new Error('stop')) })).rejects.toThrow('stop')
    expect(await applyRetention(context())).toBe(true)
    expect(await idsOf('calls')).toEqual([])
  })

  test('is queued once for each account that keeps anything for a limited time', async () => {
    const limited = account
    await retain({ turnsDays: 30 })
    account = await earshot.account()
    await retain({})
    await queueRetention(earshot.ports)
    await queueRetention(earshot.ports)
    expect([await queuedFor(limited), await queuedFor(account)]).toEqual([1, 0])
  })

  test('is a job, which does the work for its account alone', async () => {
    await send('calls', callOf('theirs'))
    await retain({ callsDays: 1 })
    const other = account
    account = await earshot.account()
    await send('calls', callOf('mine'))
    await retain({ callsDays: 1 })
    passDays(3)
    await runRetention(earshot.ports, heldJob())
    expect([await idsOf('calls'), await queuedFor(account)]).toEqual([[], 0])
    account = other
    expect(await idsOf('calls')).toEqual(['theirs'])
  })
})

test('a turn takes as many calls as hold its records, however many calls they are; a call is never cut', () => {
  const due = Array.from({ length: 5 }, (_, index) => ({ id: `c${index}`, number: index + 1 }))
  const parts = new Map([
    ['c0', 5000],
    ['c1', 2998],
    ['c2', 1],
    ['c3', 90_000],
  ])
  const cut = batchesOf(due, parts).map((batch) => [batch.records, ...batch.calls.map(({ id }) => id)])
  expect(cut).toEqual([
    [8000, 'c0', 'c1'],
    [2, 'c2'],
    [90_001, 'c3'],
    [1, 'c4'],
  ])
})
