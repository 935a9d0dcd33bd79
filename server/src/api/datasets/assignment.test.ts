import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { exportDatasets, fileOf } from '../../../test/datasetExport.ts'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'

let earshot: TestApp
let account: TestAccount

const day = { from: '2026-05-03T00:00:00Z', to: '2026-05-04T00:00:00Z' }

beforeAll(async () => {
  earshot = await openTestApp()
  earshot.ports.jobs.start()
})
afterAll(() => earshot.close())
beforeEach(async () => {
  account = await earshot.account()
})

async function ingest(collection: string, records: unknown): Promise<void> {
  const answer = await account.request('POST', `/v1/ingest/${collection}`, records)
  expect(answer.status, answer.text.slice(0, 500)).toBe(200)
}

const call = (id: string, startedAt: string, more: object = {}) => ({
  id,
  channel: 'phone',
  status: 'completed',
  startedAt,
  durationSeconds: 60,
  ...more,
})

const noon = '2026-05-03T12:00:00Z'

async function rowsOf(dataset: string, query: Record<string, string> = {}): Promise<Record<string, string>[]> {
  const done = await exportDatasets(account, { ...day, include: dataset, ...query })
  return parse(await fileOf(done, dataset), { columns: true })
}

describe('what a part belongs to', () => {
  test('a turn to its engagement, else to the last that had started, else to the first', async () => {
    await ingest('calls', [call('c', '2026-05-03T10:00:00Z'), call('bare', '2026-05-03T10:00:00Z')])
    await ingest('engagements', [
      { id: 'bot', callId: 'c', startedAt: '2026-05-03T10:00:05Z' },
      { id: 'human', callId: 'c', startedAt: '2026-05-03T10:01:00Z' },
    ])
    const turn = (id: string, at: string, more: object = {}) => ({ id, callId: 'c', participant: 'agent', at, ...more })
    await ingest('turns', [
      turn('t1', '2026-05-03T10:00:00Z'),
      turn('t2', '2026-05-03T10:00:59.999Z'),
      turn('t3', '2026-05-03T10:01:00Z'),
      turn('t4', '2026-05-03T11:00:00Z', { engagementId: 'bot' }),
      turn('t5', '2026-05-03T11:00:00Z', { engagementId: 'unknown' }),
      turn('t6', '2026-05-03T10:00:01.5Z', { callId: 'bare' }),
    ])
    const rows = await rowsOf('turn')
    expect(rows.map((row) => [row['pid'], row['engagement_pid'], row['turn_time_relative_ms']])).toEqual([
      ['t1', 'bot', '-5000'],
      ['t2', 'bot', '54999'],
      ['t3', 'human', '0'],
      ['t4', 'bot', '3595000'],
      ['t5', 'human', '3540000'],
      ['t6', 'bare', '1500'],
    ])
  })

  test("a review to its engagement, else to its turn's, else to the first", async () => {
    await ingest('calls', [call('c', noon), call('bare', noon)])
    await ingest('engagements', [
      { id: 'z-first', callId: 'c', startedAt: '2026-05-03T12:00:00Z' },
      { id: 'a-second', callId: 'c', startedAt: '2026-05-03T12:01:00Z' },
    ])
    const turn = { callId: 'c', participant: 'agent' }
    await ingest('turns', [
      { id: 't-time', at: '2026-05-03T12:02:00Z', ...turn },
      { id: 't-named', at: '2026-05-03T12:02:00Z', engagementId: 'z-first', ...turn },
    ])
    await ingest('reviews', [
      { id: 'r1', callId: 'c', engagementId: 'a-second', turnId: 't-named' },
      { id: 'r2', callId: 'c', turnId: 't-time' },
      { id: 'r3', callId: 'c', turnId: 't-named' },
      { id: 'r4', callId: 'c', turnId: 'unknown' },
      { id: 'r5', callId: 'c' },
      { id: 'r6', callId: 'bare' },
    ])
    const rows = await rowsOf('review')
    expect(rows.map((row) => [row['pid'], row['engagement_pid'], row['engagement_start_time']])).toEqual([
      ['r1', 'a-second', '2026-05-03T12:01:00.000Z'],
      ['r2', 'a-second', '2026-05-03T12:01:00.000Z'],
      ['r3', 'z-first', '2026-05-03T12:00:00.000Z'],
      ['r4', 'z-first', '2026-05-03T12:00:00.000Z'],
      ['r5', 'z-first', '2026-05-03T12:00:00.000Z'],
      ['r6', 'bare', '2026-05-03T12:00:00.000Z'],
    ])
  })

  test('names are those of the records, the ids until they come', async () => {
    await ingest('calls', call('c', noon, { agentId: 'a', customerId: 'k', campaignId: 'p', queueId: 'q' }))
    const names = { agent_name: 'a', contact_name: 'k', campaign: 'p', queue: 'q' }
    expect(await rowsOf('engagement')).toMatchObject([names])
    await ingest('agents', { id: 'a', name: 'Ana' })
    await ingest('customers', { id: 'k', region: 'x' })
    await ingest('campaigns', { id: 'p', name: 'Primavera' })
    await ingest('queues', { id: 'q', name: 'Quejas' })
    const known = { agent_name: 'Ana', contact_name: '', campaign: 'Primavera', queue: 'Quejas' }
    expect(await rowsOf('engagement')).toMatchObject([known])
  })
})
