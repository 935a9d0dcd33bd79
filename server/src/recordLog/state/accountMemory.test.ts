import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { submitCall } from '../../../test/submitCall.ts'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'
import { openRecordLog } from '../recordLog.ts'
import type { RecordLog } from '../../ports.ts'

// What a process knows of an account without asking the engine must never differ from what the engine would say.

let earshot: TestApp
let account: TestAccount

beforeAll(async () => void (earshot = await openTestApp()))
afterAll(() => earshot.close())
beforeEach(async () => void (account = await earshot.account()))

/** A record log that counts the readings of the engine; `scanned` resolves once it has read the account's keys. */
function watchedLog(): { log: RecordLog; readings: () => number; scanned: Promise<void> } {
  const { clickhouse } = earshot.ports
  const scan = Promise.withResolvers<void>()
  let count = 0
  const watched: typeof clickhouse = {
    ...clickhouse,
    rows(query, parameters) {
      count++
      return clickhouse.rows(query, parameters)
    },
    async *stream(query, format, parameters) {
      yield* clickhouse.stream(query, format, parameters)
      // The same iteration of the event loop adds the last key.
      setImmediate(scan.resolve)
    },
  }
  return { log: openRecordLog({ ...earshot.ports, clickhouse: watched }), readings: () => count, scanned: scan.promise }
}

const startedAt = Date.UTC(2026, 10, 1)
const submit = (log: RecordLog, id: string, values: Record<string, unknown> = {}) =>
  submitCall(log, account.id, { id, startedAt, ...values })
const callOf = async (id: string) => (await account.request('GET', `/v1/records/calls/${id}`)).json.data

let warmedLogs = 0

/** A log that has committed often enough to know the account's keys. */
async function warmed() {
  const watched = watchedLog()
  const name = ++warmedLogs
  for (let index = 0; index < 4; index++) await submit(watched.log, `warm-${name}-${index}`)
  await watched.scanned
  return watched
}

test('new calls and corrections of recent ones cost no reading of the engine', async () => {
  const { log, readings } = await warmed()
  const before = readings()
  for (let index = 0; index < 20; index++) {
    await submit(log, `new-${index}`, { externalEndpoint: `+5691${index}` })
    await submit(log, `new-${index}`, { outcome: 'completed' })
  }
  expect(readings() - before).toBe(0)
  await log.flush(account.id)
  expect(await callOf('new-7')).toMatchObject({ outcome: 'completed', externalEndpoint: '+56917' })
})

test('a call that was stored before the log was opened is found and merged', async () => {
  await account.request('POST', '/v1/ingest/calls', {
    id: 'old',
    channel: 'phone',
    status: 'active',
    startedAt: '2026-11-01T00:00:00Z',
    identity: 'kept',
  })
  const { log } = await warmed()
  expect(await submit(log, 'old', { outcome: 'transferred' })).toMatchObject({ created: 0, updated: 1 })
  await log.flush(account.id)
  expect(await callOf('old')).toMatchObject({ identity: 'kept', outcome: 'transferred' })
})

test('repeated calls are counted over those in memory and those that were stored before', async () => {
  const endpoint = { externalEndpoint: '+56999' }
  await account.request('POST', '/v1/ingest/calls', {
    id: 'stored',
    channel: 'phone',
    status: 'active',
    startedAt: new Date(startedAt - 1000).toISOString(),
    ...endpoint,
  })
  const { log } = await warmed()
  await submit(log, 'first', endpoint)
  await submit(log, 'second', { ...endpoint, startedAt: startedAt + 1000 })
  // It leaves the endpoint, so the third does not count it.
  await submit(log, 'first', { externalEndpoint: '+56998' })
  await submit(log, 'third', { ...endpoint, startedAt: startedAt + 2000 })
  await log.flush(account.id)
  const counts = await Promise.all(['second', 'third'].map(callOf))
  expect(counts.map((call) => call.dailyRepeatCalls)).toEqual([2, 2])
})

test('what another process wrote is never passed over', async () => {
  const [own, other] = [await warmed(), await warmed()]
  await submit(own.log, 'shared', { identity: 'own' })
  await submit(other.log, 'shared', { queueId: 'other' })
  await submit(other.log, 'only-other', { identity: 'kept' })
  expect(await submit(own.log, 'only-other', { queueId: 'own' })).toMatchObject({ created: 0, updated: 1 })
  expect(await submit(own.log, 'shared', { agentId: 'own' })).toMatchObject({ created: 0, updated: 1 })
  await Promise.all([own.log.flush(account.id), other.log.flush(account.id)])
  expect(await callOf('shared')).toMatchObject({ identity: 'own', queueId: 'other', agentId: 'own' })
  expect(await callOf('only-other')).toMatchObject({ identity: 'kept', queueId: 'own' })
})
