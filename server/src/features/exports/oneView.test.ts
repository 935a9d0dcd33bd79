import { randomUUID } from 'node:crypto'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'
import type { Ports } from '../../ports.ts'
import { runExport } from './runExport.ts'

// All files of one job show the account at one moment, whatever becomes of its records meanwhile.

let earshot: TestApp
let account: TestAccount

beforeAll(async () => {
  earshot = await openTestApp()
})
afterAll(() => earshot.close())
beforeEach(async () => {
  account = await earshot.account()
})

const datasets = ['calls', 'ai-calls', 'engagement', 'turn', 'review', 'customer', 'agent'] as const
/** Where a file names the call of its row. */
const idColumns = { calls: 'id', 'ai-calls': 'CallId', engagement: 'conversation_id' } as const

async function send(collection: string, records: object[]): Promise<void> {
  const answer = await account.request('POST', `/v1/ingest/${collection}`, records)
  expect(answer.status, answer.text.slice(0, 500)).toBe(200)
}

/** Calls c0, c1 … of a campaign, each with an engagement, a turn, a review, a customer and an agent. */
async function sendCalls(count: number): Promise<void> {
  const each = <Record extends object>(make: (index: number) => Record) =>
    Array.from({ length: count }, (_, index) => make(index))
  const startedAt = '2026-05-03T14:05:07Z'
  await send('campaigns', [{ id: 'spring', name: 'Spring' }])
  await send(
    'calls',
    each((index) => ({
      id: `c${index}`,
      channel: 'phone',
      status: 'completed',
      startedAt,
      durationSeconds: 60,
      campaignId: 'spring',
      agentId: `a${index}`,
      customerId: `p${index}`,
    })),
  )
  await send(
    'engagements',
    each((index) => ({ id: `e${index}`, callId: `c${index}`, startedAt })),
  )
  await send(
    'turns',
    each((index) => ({ id: `t${index}`, callId: `c${index}`, participant: 'agent', text: 'first', at: startedAt })),
  )
  await send(
    'reviews',
    each((index) => ({ id: `r${index}`, callId: `c${index}`, comment: 'first' })),
  )
  await send(
    'agents',
    each((index) => ({ id: `a${index}`, name: 'first' })),
  )
  await send(
    'customers',
    each((index) => ({ id: `p${index}`, name: 'first' })),
  )
}

/** Starts an export of every dataset; nobody works on it yet. */
async function start(): Promise<string> {
  const range = { dateFrom: '2026-05-01', dateTo: '2026-05-31' }
  const started = await account.request('POST', '/v1/exports', { datasets, ...range })
  expect(started.status, started.text).toBe(202)
  return started.json.data.exportId
}

function run(ports: Ports, exportId: string): Promise<void> {
  const { signal } = new AbortController()
  return runExport(ports, {
    id: randomUUID(),
    kind: 'export',
    accountId: account.id,
    input: { exportId },
    attempt: 1,
    signal,
  })
}

async function filesOf(exportId: string): Promise<Record<string, Record<string, string>[]>> {
  const { data } = (await account.request('GET', `/v1/exports/${exportId}`)).json
  expect(data).toMatchObject({ status: 'completed' })
  const files = await Promise.all(
    data.files.map(async (file: { dataset: string; downloadUrl: string }) => [
      file.dataset,
      parse(await (await fetch(file.downloadUrl)).text(), { columns: true, bom: true }),
    ]),
  )
  return Object.fromEntries(files)
}

/** The calls that each file shows. */
function callsIn(files: Record<string, Record<string, string>[]>): string[][] {
  const named = Object.entries(idColumns).map(([dataset, column]) => (files[dataset] ?? []).map((row) => row[column]))
  const numbered = ['turn', 'review', 'customer', 'agent'].map((dataset) =>
    (files[dataset] ?? []).map(({ pid = '' }) => `c${pid.slice(1)}`),
  )
  return [...named, ...numbered].map((ids) => ids.map(String).toSorted())
}

/** The program, where something happens once the view of an export is taken and nothing is selected from it yet. */
function afterTaking(happens: () => Promise<unknown>): Ports {
  const { clickhouse } = earshot.ports
  return {
    ...earshot.ports,
    clickhouse: {
      ...clickhouse,
      async view(name, tables) {
        const view = await clickhouse.view(name, tables)
        let happening: Promise<unknown> | undefined
        return {
          ...view,
          async command(...given) {
            await (happening ??= happens())
            return view.command(...given)
          },
        }
      },
    },
  }
}

describe('the files of one job', () => {
  test('show what was there when it began, though everything is corrected, deleted and merged before they are made', async () => {
    await sendCalls(3)
    const exportId = await start()
    const changed = { times: 0 }
    await run(
      afterTaking(async () => {
        changed.times++
        await changeAll()
      }),
      exportId,
    )
    expect(changed.times).toBe(1)
    const files = await filesOf(exportId)
    const calls = ['c0', 'c1', 'c2']
    expect(callsIn(files)).toEqual(datasets.map(() => calls))
    expect(files['calls']?.map((row) => row['durationSeconds'])).toEqual(['60', '60', '60'])
    expect(files['ai-calls']?.map((row) => row['Campaña'])).toEqual(['Spring', 'Spring', 'Spring'])
    expect(files['turn']?.map((row) => row['content'])).toEqual(['first', 'first', 'first'])
    expect(files['review']?.map((row) => row['comment'])).toEqual(['first', 'first', 'first'])
    expect(files['agent']?.map((row) => row['name'])).toEqual(['first', 'first', 'first'])
  })

  async function changeAll(): Promise<void> {
    await send('campaigns', [{ id: 'spring', name: 'Autumn' }])
    await send('calls', [{ id: 'c0', durationSeconds: 61 }])
    await send('turns', [{ id: 't0', callId: 'c0', text: 'second' }])
    await send('reviews', [{ id: 'r0', callId: 'c0', comment: 'second' }])
    await send('agents', [{ id: 'a0', name: 'second' }])
    expect((await account.request('DELETE', '/v1/ingest/calls/c1')).status).toBe(200)
    for (const table of ['calls', 'turns', 'reviews', 'agents', 'campaigns']) {
      await earshot.ports.clickhouse.command(`OPTIMIZE TABLE ${table} FINAL`, {}, { onEveryNode: true })
    }
  }

  test('name the same calls while these are deleted one after the other', async () => {
    const count = 120
    await sendCalls(count)
    const exports = [await start(), await start(), await start()]
    const ended = { all: false }
    const deleting = (async () => {
      for (let index = 0; index < count && !ended.all; index++) {
        const id = `c${index}`
        expect((await account.request('DELETE', `/v1/ingest/calls/${id}`)).status).toBe(200)
      }
    })()
    for (const exportId of exports) await run(earshot.ports, exportId)
    ended.all = true
    await deleting
    for (const exportId of exports) {
      const [calls, aiCalls, engagements, turns, reviews] = callsIn(await filesOf(exportId))
      expect(aiCalls).toEqual(calls)
      expect(engagements).toEqual(calls)
      expect(turns).toEqual(calls)
      expect(reviews).toEqual(calls)
    }
  })
})
