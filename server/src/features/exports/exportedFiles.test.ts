import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { once } from 'node:events'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Worker } from 'node:worker_threads'
import { parse } from 'csv-parse/sync'
import { type Cell, readWorkbook } from '../../../test/readWorkbook.ts'
import { download, exportToEnd } from '../../../test/signedRequest.ts'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'
import { datasetOf } from './datasets/all.ts'

let earshot: TestApp
let account: TestAccount

beforeAll(async () => {
  earshot = await openTestApp()
  earshot.ports.jobs.start()
})
afterAll(() => earshot.close())
beforeEach(async () => {
  account = await earshot.account()
})

const may = { dateFrom: '2026-05-01', dateTo: '2026-05-31' }
const startMs = Date.UTC(2026, 4, 2)

const call = (index: number, more: object = {}) => ({
  id: `c${index}`,
  channel: 'phone',
  status: 'completed',
  startedAt: new Date(startMs + index * 1000).toISOString(),
  durationSeconds: 0,
  ...more,
})

const question = (index: number) => `q${String(index).padStart(5, '0')}`
const text = (cell: Cell) => (cell && 'text' in cell ? cell.text : '')

/**
 * By how much longer, in milliseconds, this thread once stood still during the work than a thread beside it that has nothing
 * to do: a machine that does something else holds both up.
 */
async function withLag<Result>(work: () => Promise<Result>): Promise<{ result: Result; lagMs: number }> {
  const beside = new Worker(
    `const { parentPort } = require('node:worker_threads')
    const lag = require('node:perf_hooks').monitorEventLoopDelay({ resolution: 10 })
    lag.enable()
    parentPort.once('message', () => parentPort.postMessage(lag.max))
    parentPort.postMessage('ready')`,
    { eval: true },
  )
  await once(beside, 'message')
  const lag = monitorEventLoopDelay({ resolution: 10 })
  lag.enable()
  const result = await work()
  lag.disable()
  beside.postMessage('end', [])
  const [besideLag] = await once(beside, 'message')
  return { result, lagMs: (lag.max - Number(besideLag)) / 1e6 }
}

async function ingest(collection: string, records: unknown): Promise<void> {
  const answer = await account.request('POST', `/v1/ingest/${collection}`, records)
  expect(answer.status, answer.text.slice(0, 500)).toBe(200)
}

describe('many calls', () => {
  test('the newest 50,000 of more, told as truncated, in both formats', async () => {
    for (let from = 0; from < 50_100; from += 10_000) {
      const count = Math.min(10_000, 50_100 - from)
      const lines = Array.from({ length: count }, (_, index) => JSON.stringify(call(from + index))).join('\n')
      const answer = await account.request('POST', '/v1/ingest/calls', lines, {
        'Content-Type': 'application/x-ndjson',
      })
      expect(answer.status).toBe(200)
    }
    const counts = { rowCount: 50_000, totalRows: 50_100, truncated: true }
    const job = await exportToEnd(earshot, account, may)
    expect(job).toMatchObject(counts)
    const rows: string[][] = parse(await download(job), { bom: true, from_line: 2 })
    expect(rows.map((row) => row[3])).toEqual(Array.from({ length: 50_000 }, (_, index) => `c${50_099 - index}`))
    const book = await exportToEnd(earshot, account, { ...may, format: 'xlsx' })
    expect(book).toMatchObject(counts)
    const [sheet] = await readWorkbook(await download(book))
    expect(sheet?.rows.length).toBe(50_001)
    expect(sheet?.rows[50_000]?.[3]).toEqual({ text: 'c100' })
  })

  test('exactly as many as fit are not truncated', async () => {
    const dataset = datasetOf('ai-calls')
    const { rowLimit } = dataset
    try {
      dataset.rowLimit = 5
      await ingest(
        'calls',
        Array.from({ length: 5 }, (_, index) => call(index)),
      )
      expect(await exportToEnd(earshot, account, may)).toMatchObject({ rowCount: 5, totalRows: 5, truncated: false })
      await ingest('calls', call(5))
      expect(await exportToEnd(earshot, account, may)).toMatchObject({ rowCount: 5, totalRows: 6, truncated: true })
    } finally {
      dataset.rowLimit = rowLimit
    }
  })

  test('calls that end at the same time come by number, newest first', async () => {
    await ingest(
      'calls',
      Array.from({ length: 300 }, (_, index) => call(index, { startedAt: '2026-05-05T00:00:00Z' })),
    )
    const rows: string[][] = parse(await download(await exportToEnd(earshot, account, may)), {
      bom: true,
      from_line: 2,
    })
    expect(rows.map((row) => row[3])).toEqual(Array.from({ length: 300 }, (_, index) => `c${299 - index}`))
  })
})

test('more questions than a spreadsheet has columns fail with the reason; as many as it has are written', async () => {
  const max = 16_366
  // A survey holds at most 1,000 answers.
  const surveys = Array.from({ length: Math.ceil(max / 1000) }, (_, survey) => ({
    callId: `c${survey}`,
    responses: Array.from({ length: Math.min(1000, max - survey * 1000) }, (_, index) => ({
      question: question(survey * 1000 + index),
      answer: `${index}`,
    })),
  }))
  await ingest(
    'calls',
    [...surveys.keys(), 99].map((index) => call(index)),
  )
  await ingest('surveys', surveys)
  const { result: job, lagMs } = await withLag(() => exportToEnd(earshot, account, may))
  // Planning such a statement takes the engine seconds, in which other requests must be served.
  expect(lagMs).toBeLessThan(2000)
  const [header, ...rows]: string[][] = parse(await download(job), { bom: true })
  expect(header?.length).toBe(16_384)
  expect(header?.at(-1)).toBe(`EPA_${question(max - 1)}`)
  expect(rows.at(-1)?.slice(18, 1020)).toEqual([...Array.from({ length: 1000 }, (_, index) => `${index}`), '', ''])
  expect(rows[1]?.at(-1)).toBe('365')
  const [sheet] = await readWorkbook(await download(await exportToEnd(earshot, account, { ...may, format: 'xlsx' })))
  expect(sheet?.rows[2]).toHaveLength(16_384)
  await ingest('surveys', { callId: 'c99', responses: [{ question: 'one more', answer: 'x' }] })
  expect(await exportToEnd(earshot, account, may)).toMatchObject({
    status: 'failed',
    error: expect.stringMatching(/more than 16366 different survey questions.*choose a shorter period/),
  })
  // Those that are not wanted do not count.
  const columns = ['CallId', `EPA_${question(5)}`, 'EPA_nobody was asked', 'EPA_one more']
  const started = await account.request('POST', '/v1/exports', { dataset: 'ai-calls', columns, ...may })
  const shown = async () => (await account.request('GET', `/v1/exports/${started.json.data.exportId}`)).json.data
  await expect.poll(async () => (await shown()).status).toBe('completed')
  const [file] = (await shown()).files
  const [names, ...cells]: string[][] = parse(await download(file), { bom: true })
  expect(names).toEqual(columns)
  expect(cells.find(([id]) => id === 'c0')).toEqual(['c0', '5', '', ''])
  expect(cells.find(([id]) => id === 'c99')).toEqual(['c99', '', '', 'x'])
})

test('a wide file keeps its rows whole and in order', async () => {
  const count = 6000
  const ids = Array.from({ length: count }, (_, index) => index)
  await ingest(
    'calls',
    ids.map((index) => call(index)),
  )
  await ingest(
    'surveys',
    ids.map((index) => ({ callId: `c${index}`, responses: [{ question: `${index % 300}`, answer: `a${index}` }] })),
  )
  for (const format of ['csv', 'xlsx']) {
    const file = await download(await exportToEnd(earshot, account, { ...may, format }))
    const rows: string[][] =
      format === 'csv'
        ? parse(file, { bom: true })
        : ((await readWorkbook(file))[0]?.rows ?? []).map((cells) => cells.map(text))
    const header = rows[0] ?? []
    expect(header).toHaveLength(318)
    const answers = rows
      .slice(1)
      .map((row) => [
        row[3],
        header.find((name, column) => name.startsWith('EPA_') && row[column]),
        row.find((cell) => cell.startsWith('a')),
      ])
    expect(answers).toEqual(ids.toReversed().map((index) => [`c${index}`, `EPA_${index % 300}`, `a${index}`]))
  }
})

test('while calls are corrected, every file is of one moment', async () => {
  const ids = Array.from({ length: 400 }, (_, index) => index)
  await ingest(
    'calls',
    ids.map((index) => call(index)),
  )
  let round = 0
  const end = new AbortController()
  const correct = async (): Promise<void> => {
    while (!end.signal.aborted) {
      const shift = ++round
      // The whole order turns, every end moves, every call answers another question.
      await ingest(
        'calls',
        ids.map((index) => ({
          id: `c${index}`,
          startedAt: new Date(startMs + ((index * 7 + shift * 13) % 400) * 60_000).toISOString(),
        })),
      )
      await ingest(
        'surveys',
        ids.map((index) => ({ callId: `c${index}`, responses: [{ question: `round ${shift}`, answer: 'x' }] })),
      )
    }
  }
  const correcting = Promise.all([correct(), correct()])
  try {
    for (let turn = 0; turn < 8; turn++) {
      const job = await exportToEnd(earshot, account, may)
      expect(job).toMatchObject({ status: 'completed', rowCount: 400, totalRows: 400, truncated: false })
      const [header = [], ...rows]: string[][] = parse(await download(job), { bom: true })
      expect(new Set(rows.map((row) => row[3])).size).toBe(400)
      expect(rows.length).toBe(400)
      for (const column of header.keys()) {
        if (column >= 18)
          expect(
            rows.some((row) => row[column] === 'x'),
            header[column],
          ).toBe(true)
      }
      for (const row of rows)
        expect(row.slice(18).filter((answer) => answer === 'x').length).toBe(row[16] === '1 / 1' ? 1 : 0)
      const shown = rows.map((row) => row[1] ?? '')
      expect(shown).toEqual([...shown].sort().reverse())
    }
  } finally {
    end.abort()
    await correcting
  }
  expect(round).toBeGreaterThan(4)
})
