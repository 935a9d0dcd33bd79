import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'
import { calls } from '../../domain/collections/calls.ts'
import type { Collection } from '../../domain/collections/collection.ts'
import { turns } from '../../domain/collections/parts.ts'
import { loadRecords } from './loadRecords.ts'
import { needsOf } from './needs.ts'
import type { Command } from '../command.ts'
import { RecordFaults } from '../recordFaults.ts'

let earshot: TestApp
let account: TestAccount

beforeAll(async () => {
  earshot = await openTestApp()
})
afterAll(() => earshot.close())
beforeEach(async () => {
  account = await earshot.account()
})

const send = (collection: string, ...records: object[]) => account.request('POST', `/v1/ingest/${collection}`, records)
const callOf = (id: string) => ({
  id,
  channel: 'phone',
  status: 'completed',
  startedAt: '2026-11-20T10:00:00Z',
  durationSeconds: 60,
})
const turnOf = (id: string, callId: string) => ({
  id,
  callId,
  participant: 'agent',
  at: Date.parse('2026-11-20T10:00:01Z'),
})
const writesOf = (...records: { id: string }[]) =>
  records.map((set, index) => ({ index, write: { key: set.id, set: { ...set }, revision: undefined } }))
const merge = (collection: Collection, ...records: { id: string }[]): Command['work'] => ({
  kind: 'merge',
  collection,
  skipsFaults: false,
  writes: writesOf(...records),
})

/** Commands that are submitted at once share a commit. */
const submit = (work: Command['work'], isDryRun = false) =>
  earshot.ports.recordLog.submit(account.id, {
    work,
    faults: new RecordFaults(),
    isDryRun,
    isAnnounced: true,
    idempotency: undefined,
  })

test('a turn that only a dry run gave to a call is not deleted with that call', async () => {
  await send('calls', callOf('tried'), callOf('its'))
  const answers = await Promise.all([
    submit({ kind: 'replaceTurns', callId: 'tried', writes: writesOf(turnOf('t1', 'tried')) }, true),
    submit(merge(turns, turnOf('t1', 'its'))),
    submit({ kind: 'remove', collection: calls, key: 'tried' }),
  ])
  expect(answers).toMatchObject([{ created: 1 }, { created: 1 }, { deleted: 1 }])
  const found = await account.request('GET', '/v1/records/turns/t1')
  expect([found.status, found.json.data?.callId]).toEqual([200, 'its'])
})

describe('a call does not count as an earlier one of endpoints that', () => {
  const from = (id: string, externalEndpoint: string, hour: number) => ({
    ...callOf(id),
    externalEndpoint,
    internalEndpoint: '+569',
    startedAt: Date.parse(`2026-11-20T${hour}:00:00Z`),
  })
  const repeats = async (id: string): Promise<number> =>
    (await account.request('GET', `/v1/records/calls/${id}`)).json.data.dailyRepeatCalls
  const move = () => submit(merge(calls, { ...from('first', '+562', 10) }))
  const remove = () => submit({ kind: 'remove', collection: calls, key: 'first' })
  const next = () => submit(merge(calls, from('next', '+561', 11)))
  beforeEach(async () => {
    await submit(merge(calls, from('first', '+561', 10)))
    await account.request('GET', '/v1/records/calls')
  })

  test('it left in the same commit', async () => {
    await Promise.all([move(), next()])
    expect(await repeats('next')).toBe(0)
  })
  test('it left in an earlier commit, which is not inserted yet', async () => {
    await move()
    await next()
    expect(await repeats('next')).toBe(0)
  })
  test('it had when it was deleted in the same commit', async () => {
    await Promise.all([remove(), next()])
    expect(await repeats('next')).toBe(0)
  })
  test('it had when it was deleted in an earlier commit, which is not inserted yet', async () => {
    await remove()
    await next()
    expect(await repeats('next')).toBe(0)
  })
  test('are its own, but does while it has them', async () => {
    await next()
    expect([await repeats('first'), await repeats('next')]).toEqual([0, 1])
  })
})

test('of old parts whose call never came only the keys are read', async () => {
  await send('turns', { ...turnOf('t1', 'never'), at: '2026-11-20T10:00:01Z' })
  await send('evaluations', { callId: 'never', status: 'pending' })
  await account.request('GET', '/v1/records/calls')
  const work: Command['work'] = {
    kind: 'expire',
    what: 'earlyParts',
    collection: turns,
    callIds: ['never'],
    records: 1,
    receivedBefore: Date.now() + 1,
  }
  const command = { work, faults: new RecordFaults(), isDryRun: false, isAnnounced: true, idempotency: undefined }
  const needs = needsOf([{ ...command, resolve: () => {}, reject: () => {} }])
  const { records, bare } = await loadRecords(earshot.ports.clickhouse, account.id, needs)
  expect([records.length, bare.map(({ key }) => key)]).toEqual([0, ['t1']])
})
