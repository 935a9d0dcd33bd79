import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest'
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

/** The window of what is sent meanwhile, in which nothing sent before or after has changed. */
async function during(work: () => Promise<void>): Promise<{ from: string; to: string }> {
  const from = await nextMillisecond()
  await work()
  return { from, to: await nextMillisecond() }
}

async function nextMillisecond(): Promise<string> {
  const now = Date.now()
  while (Date.now() === now) await new Promise((resolve) => setImmediate(resolve))
  return new Date().toISOString()
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

/** The pids of several files of one export. */
async function pidsOf(include: string, query: Record<string, string> = {}): Promise<unknown[]> {
  const done = await exportDatasets(account, { ...day, include, ...query })
  const files = await Promise.all(include.split(',').map((dataset) => fileOf(done, dataset)))
  return files.map((file) => {
    const rows: Record<string, string>[] = parse(file, { columns: true })
    return rows.map((row) => row['pid'])
  })
}

const pids = async (dataset: string, query: Record<string, string> = {}) =>
  (await rowsOf(dataset, query)).map((row) => row['pid'])

test('all five files, byte for byte', async () => {
  const records: Record<string, unknown> = JSON.parse(
    await readFile(join(import.meta.dirname, 'golden', 'records.json'), 'utf8'),
  )
  for (const [collection, sent] of Object.entries(records)) await ingest(collection, sent)
  const done = await exportDatasets(account, day)
  expect(done).toMatchObject({ status: 'COMPLETED', error: null })
  expect(Object.keys(done.downloadUrls)).toEqual(['engagement', 'customer', 'turn', 'review', 'agent'])
  for (const dataset of Object.keys(done.downloadUrls)) {
    const answer = await fetch(done.downloadUrls[dataset] ?? '')
    expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8')
    const name = `${dataset}s.csv`
    expect(answer.headers.get('content-disposition')).toBe(`attachment; filename="${name}"`)
    await expect(await answer.text()).toMatchFileSnapshot(join('golden', name))
  }
})

describe('which rows', () => {
  test('engagements that started in the window, the start included and the end not', async () => {
    await ingest('calls', call('c', '2026-05-01T00:00:00Z'))
    const at = ['2026-05-02T23:59:59.999Z', '2026-05-03T00:00:00Z', '2026-05-03T23:59:59.999Z', '2026-05-04T00:00:00Z']
    await ingest(
      'engagements',
      at.map((startedAt, index) => ({ id: `e${index}`, callId: 'c', startedAt })),
    )
    expect(await pids('engagement')).toEqual(['e1', 'e2'])
    // One without a start of its own starts with its call.
    await ingest('engagements', { id: 'e9', callId: 'c' })
    const first = { from: '2026-05-01T00:00:00Z', to: '2026-05-02T00:00:00Z' }
    expect(await rowsOf('engagement', first)).toMatchObject([{ pid: 'e9', start_time: '2026-05-01T00:00:00.000Z' }])
  })

  test('and those that changed in it, each once, wherever both are true', async () => {
    const soon = new Date(Date.now() + 3_600_000).toISOString()
    await ingest('calls', [call('old', noon), call('both', noon), call('made', noon), call('never', noon)])
    await ingest('engagements', [
      { id: 'e-old', callId: 'old', startedAt: noon },
      { id: 'e-both', callId: 'both', startedAt: soon },
    ])
    const changes = await during(async () => {
      const topic = 'x'
      await ingest('engagements', [
        { id: 'e-old', callId: 'old', topic },
        { id: 'e-both', callId: 'both', topic },
      ])
      // A change of the call is none of its engagements'; of a call without any it is.
      await ingest(
        'calls',
        ['old', 'made'].map((id) => ({ id, notes: 'x' })),
      )
    })
    expect(await pids('engagement', changes)).toEqual(['e-both', 'e-old', 'made'])
    const later = new Date(Date.parse(soon) + 1).toISOString()
    expect(await pids('engagement', { from: changes.from, to: later })).toEqual(['e-both', 'e-old', 'made'])
    const again = await during(() => ingest('calls', { id: 'made', notes: 'y' }))
    expect(await pids('engagement', changes)).toEqual(['e-both', 'e-old'])
    expect(await pids('engagement', again)).toEqual(['made'])
  })

  test('turns and reviews of engagements that started in the window, and those that changed', async () => {
    await ingest('calls', [call('c1', noon), call('c2', '2026-01-01T00:00:00Z')])
    const turn = { participant: 'agent', at: '2026-05-09T00:00:00Z' }
    await ingest('turns', [
      { id: 't1', callId: 'c1', ...turn },
      { id: 't2', callId: 'c2', ...turn },
    ])
    await ingest('reviews', [
      { id: 'r1', callId: 'c1' },
      { id: 'r2', callId: 'c2' },
    ])
    expect(await pidsOf('turn,review')).toEqual([['t1'], ['r1']])
    const changes = await during(async () => {
      await ingest('turns', { id: 't2', callId: 'c2', text: 'corrected' })
      await ingest('reviews', { id: 'r2', callId: 'c2', score: 3 })
    })
    expect(await pidsOf('turn,review', changes)).toEqual([['t2'], ['r2']])
    // Their engagements are not exported by that.
    expect(await pids('engagement', changes)).toEqual([])
    expect(await pidsOf('agent,customer', changes)).toEqual([[], []])
  })

  test('agents and customers of the exported engagements, and those that changed', async () => {
    await ingest('agents', [
      { id: 'a1', name: 'One' },
      { id: 'a2', name: 'Two' },
      { id: 'a3', name: 'Three' },
    ])
    await ingest('customers', [{ id: 'k1' }, { id: 'k2' }, { id: 'k3' }])
    await ingest('calls', [
      call('c1', noon, { agentId: 'a1', customerId: 'k1' }),
      call('c2', noon, { agentId: 'a1', customerId: 'k1' }),
      call('c3', '2026-01-01T00:00:00Z', { agentId: 'a3', customerId: 'k3' }),
    ])
    await ingest('engagements', { id: 'e2', callId: 'c2', agentId: 'a2', customerId: 'k2', startedAt: noon })
    expect(await pidsOf('agent,customer')).toEqual([
      ['a1', 'a2'],
      ['k1', 'k2'],
    ])
    const changes = await during(async () => {
      await ingest('agents', { id: 'a3', team: 'x' })
      await ingest('customers', { id: 'k3', region: 'x' })
    })
    expect(await pidsOf('agent,customer', changes)).toEqual([['a3'], ['k3']])
  })

  test('nothing of calls that are deleted or were never sent, nor of another account', async () => {
    await ingest('calls', [call('gone', noon, { agentId: 'a', customerId: 'k' }), call('here', noon)])
    for (const callId of ['gone', 'never', 'here']) {
      await ingest('engagements', { id: `e-${callId}`, callId, startedAt: noon })
      await ingest('turns', { id: `t-${callId}`, callId, participant: 'agent', at: noon })
      await ingest('reviews', { id: `r-${callId}`, callId })
    }
    await account.request('DELETE', '/v1/ingest/calls/gone')
    await ingest('engagements', { id: 'e-extra', callId: 'here', startedAt: noon })
    await account.request('DELETE', '/v1/ingest/engagements/e-extra')
    expect(await pidsOf('engagement,turn,review')).toEqual([['e-here'], ['t-here'], ['r-here']])
    account = await earshot.account()
    expect(await pidsOf('engagement,turn')).toEqual([[], []])
  })

  test('a corrected start moves an engagement with its turns', async () => {
    await ingest('calls', call('c', '2026-01-01T00:00:00Z'))
    await ingest('engagements', { id: 'e', callId: 'c', startedAt: noon })
    await ingest('turns', { id: 't', callId: 'c', participant: 'customer', at: noon })
    expect(await pidsOf('engagement,turn')).toEqual([['e'], ['t']])
    await ingest('engagements', { id: 'e', callId: 'c', startedAt: '2026-05-05T12:00:00Z' })
    expect(await pidsOf('engagement,turn')).toEqual([[], []])
  })

  test('a pid that a call shares with an engagement of another call comes once, as the record', async () => {
    await ingest('calls', [call('same', noon), call('other', noon)])
    await ingest('engagements', { id: 'same', callId: 'other', startedAt: noon, topic: 'the record' })
    expect(await rowsOf('engagement')).toMatchObject([{ pid: 'same', topic: 'the record' }])
  })
})

test('while records are corrected, the files of one export agree', async () => {
  const ids = Array.from({ length: 50 }, (_, index) => index)
  const agents = ids.slice(0, 5)
  await ingest(
    'agents',
    agents.map((id) => ({ id: `a${id}`, name: 'x' })),
  )
  await ingest(
    'calls',
    ids.map((id) => call(`c${id}`, noon)),
  )
  const correct = (round: number) =>
    ingest(
      'engagements',
      ids.map((id) => ({
        id: `e${id}`,
        callId: `c${id}`,
        // All of one agent, and every other in the window.
        agentId: `a${round % 5}`,
        startedAt: (id + round) % 2 === 0 ? noon : '2026-01-01T00:00:00Z',
      })),
    )
  await correct(0)
  await ingest(
    'turns',
    ids.map((id) => ({ id: `t${id}`, callId: `c${id}`, participant: 'agent', at: noon })),
  )
  // On a cluster a batch shows shard by shard.
  const isAtomic = inject('clusterUrls') === undefined
  let round = 0
  const end = new AbortController()
  const correcting = (async () => {
    while (!end.signal.aborted) await correct(++round)
  })()
  try {
    for (let turn = 0; turn < 4; turn++) {
      const done = await exportDatasets(account, { ...day, include: 'engagement,turn,agent' })
      const read = async (dataset: string): Promise<Record<string, string>[]> =>
        parse(await fileOf(done, dataset), { columns: true })
      const engagements = await read('engagement')
      const pidsOfAgents = new Set(engagements.map((row) => row['agent_pid']))
      expect(pidsOfAgents).toEqual(new Set((await read('agent')).map((row) => row['pid'])))
      const ofTurns = (await read('turn')).map((row) => row['engagement_pid'])
      expect(new Set(ofTurns)).toEqual(new Set(engagements.map((row) => row['pid'])))
      if (isAtomic) expect([engagements.length, pidsOfAgents.size]).toEqual([25, 1])
    }
  } finally {
    end.abort()
    await correcting
  }
  expect(round).toBeGreaterThan(2)
})

test('a call that still lasts is an engagement without an end', async () => {
  await ingest('calls', { id: 'c', channel: 'chat', status: 'active', startedAt: noon, direction: 'outbound' })
  expect(await rowsOf('engagement')).toMatchObject([
    { status: 'Active', end_time: '', total_time: '', channel_type: 'CHAT', direction: 'Outbound', type: 'Agent' },
  ])
})
