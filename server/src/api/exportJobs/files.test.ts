import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'

interface ShownFile {
  dataset: string
  name: string
  contentType: string
  bytes: number
  sha256: string
  rowCount: number
  downloadUrl: string
}

interface ShownJob {
  exportId: string
  rowCount: number
  totalRows: number
  truncated: boolean
  files: [ShownFile, ...ShownFile[]]
}

let earshot: TestApp
let account: TestAccount

beforeAll(async () => {
  earshot = await openTestApp()
})
afterAll(() => earshot.close())
beforeEach(async () => {
  account = await earshot.account()
})

const may = { dateFrom: '2026-05-01', dateTo: '2026-05-31' }

const start = (body: object, headers: Record<string, string> = {}) =>
  account.request('POST', '/v1/exports', body, headers)

async function started(body: object): Promise<string> {
  const answer = await start(body)
  expect(answer.status, answer.text).toBe(202)
  return answer.json.data.exportId
}

const show = async (id: string) => (await account.request('GET', `/v1/exports/${id}`)).json.data

describe('files', () => {
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'earshot-parquet-'))
    earshot.ports.jobs.start()
  })
  afterAll(() => rm(folder, { recursive: true }))

  beforeEach(async () => {
    const ingest = async (collection: string, records: unknown) => {
      const answer = await account.request('POST', `/v1/ingest/${collection}`, records)
      expect(answer.status, answer.text).toBe(200)
    }
    await ingest('calls', [
      {
        id: 'c1',
        channel: 'phone',
        status: 'completed',
        startedAt: '2026-05-03T10:00:00.5Z',
        durationSeconds: 1.25,
        externalEndpoint: '+56912345678',
        tags: ['a/b', 'ñ "x"'],
        ticketsCreated: [9007199254740991],
        markers: [{ time: 1.5, type: 'VM_START' }],
        resolved: false,
        attributes: { plan: 'gold', visits: 3 },
        notes: '=1+1\nline',
      },
      { id: 'c2', channel: 'chat', status: 'failed', startedAt: '2026-05-31T23:00:00-04:00', durationSeconds: 0 },
      { id: 'c3', channel: 'chat', status: 'active', startedAt: '2026-05-03T10:00:00Z' },
    ])
    await ingest('evaluations', { callId: 'c1', status: 'evaluated', score: 8.5 })
    await ingest('surveys', { callId: 'c1', state: 'Partial', responses: [{ question: 'q', answer: null, score: 1 }] })
    await ingest('turns', { id: 't1', callId: 'c1', participant: 'agent', text: 'Hola', at: '2026-05-03T10:00:01Z' })
  })

  async function made(body: object): Promise<ShownJob> {
    const id = await started({ ...('from' in body ? {} : may), ...body })
    for (;;) {
      const job = await show(id)
      if (job.status === 'completed') return job
      expect(job.error).toBeNull()
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }

  const bytesOf = async (file: Pick<ShownFile, 'downloadUrl'> | undefined) =>
    Buffer.from(await (await fetch(file?.downloadUrl ?? '')).arrayBuffer())

  test('have the size, hash and rows that the job tells, compressed or not', async () => {
    for (const compression of ['none', 'gzip']) {
      const job = await made({ datasets: ['calls', 'turn'], compression })
      const names = ['calls', 'turn'].map((dataset) => `${dataset}_account-1_2026-05-01_2026-05-31_UTC.csv`)
      expect(job.files.map((file) => file.name)).toEqual(
        names.map((name) => (compression === 'gzip' ? `${name}.gz` : name)),
      )
      expect([job.rowCount, job.totalRows, job.truncated]).toEqual([2, 2, false])
      for (const file of job.files) {
        const bytes = await bytesOf(file)
        expect(bytes).toHaveLength(file.bytes)
        expect(createHash('sha256').update(bytes).digest('hex')).toBe(file.sha256)
        expect(file.contentType).toBe(compression === 'gzip' ? 'application/gzip' : 'text/csv; charset=utf-8')
        const rows: unknown[] = parse(compression === 'gzip' ? gunzipSync(bytes) : bytes, { columns: true })
        expect(rows).toHaveLength(file.rowCount)
      }
    }
  })

  test('of calls hold every field of the ended ones, typed in NDJSON', async () => {
    const job = await made({ dataset: 'calls', format: 'ndjson', timezone: 'America/Santiago' })
    expect(job.files[0]).toMatchObject({
      name: expect.stringMatching(/^calls_account-\d+_2026-05-01_2026-05-31_America-Santiago\.ndjson$/),
      contentType: 'application/x-ndjson; charset=utf-8',
    })
    const rows = (await bytesOf(job.files[0]))
      .toString()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(rows.map((row) => [row.number, row.id])).toEqual([
      [1, 'c1'],
      [2, 'c2'],
    ])
    expect(rows[0]).toMatchObject({
      channel: 'phone',
      startedAt: '2026-05-03T10:00:00.500Z',
      endedAt: '2026-05-03T10:00:01.750Z',
      durationSeconds: 1.25,
      tags: ['a/b', 'ñ "x"'],
      ticketsCreated: [9007199254740991],
      markers: [{ time: 1.5, type: 'VM_START', note: null }],
      resolved: false,
      campaignId: null,
      attributes: '{"plan":"gold","visits":3}',
      notes: '=1+1\nline',
      evaluationStatus: 'evaluated',
      evaluationScore: 8.5,
      surveyResponses: [{ question: 'q', answer: null, score: 1 }],
    })
    const answer = await account.request('GET', '/v1/records/calls/c1')
    const { sequence: _, ...record } = answer.json.data
    expect(rows[0]).toMatchObject({ ...record, attributes: expect.any(String), markers: expect.anything() })
  })

  test('in Parquet read back with the same values', async () => {
    const job = await made({ dataset: 'calls', format: 'parquet' })
    const [file] = job.files
    expect(file).toMatchObject({
      name: expect.stringMatching(/^calls_account-\d+_2026-05-01_2026-05-31_UTC\.parquet$/),
      contentType: 'application/vnd.apache.parquet',
      rowCount: 1,
    })
    const path = join(folder, 'calls.parquet')
    await writeFile(path, await bytesOf(file))
    const source = `file('${path}', Parquet)`
    const { clickhouse } = earshot.ports
    const rows = await clickhouse.rows(
      `SELECT id, startedAt, resolved, tags, ticketsCreated, markers, surveyScore FROM ${source}`,
    )
    expect(rows).toEqual([
      {
        id: 'c1',
        startedAt: '2026-05-03 10:00:00.500',
        resolved: false,
        tags: ['a/b', 'ñ "x"'],
        ticketsCreated: [9007199254740991],
        markers: [{ time: 1.5, type: 'VM_START', note: null }],
        surveyScore: null,
      },
    ])
    const types = await clickhouse.rows<{ name: string; type: string }>(`DESCRIBE TABLE ${source}`)
    const typeOf = Object.fromEntries(types.map(({ name, type }) => [name, type]))
    expect([typeOf['number'], typeOf['durationSeconds'], typeOf['resolved'], typeOf['endedAt']]).toEqual([
      'Nullable(Int64)',
      'Nullable(Float64)',
      'Nullable(Bool)',
      "Nullable(DateTime64(3, 'UTC'))",
    ])
    const empty = await made({ dataset: 'agent', format: 'parquet', dateFrom: '2020-01-01', dateTo: '2020-01-01' })
    await writeFile(path, await bytesOf(empty.files[0]))
    expect(await clickhouse.rows(`SELECT count() AS count FROM ${source}`)).toEqual([{ count: 0 }])
  })

  test('hold the columns that were asked for, in that order', async () => {
    const jobs = [
      await made({ dataset: 'turn', columns: ['content', 'pid'] }),
      await made({ datasets: ['turn', 'calls'], columns: { turn: ['content', 'pid'] } }),
    ]
    for (const job of jobs) {
      const turns = job.files.find((file) => file.dataset === 'turn')
      expect((await bytesOf(turns)).toString()).toBe('content,pid\r\nHola,t1\r\n')
    }
    // Rows come by `pid`, also where it is not wanted.
    const alone = await made({ dataset: 'turn', columns: ['content'] })
    expect((await bytesOf(alone.files[0])).toString()).toBe('content\r\nHola\r\n')
    // A question that nobody answered is an empty column.
    const report = await made({ dataset: 'ai-calls', columns: ['EPA_q2', 'CallId', 'EPA_q'] })
    expect((await bytesOf(report.files[0])).toString()).toBe('\ufeffEPA_q2,CallId,EPA_q\r\n,c1,\r\n')
  })

  test('keep to filters and to instants of any length', async () => {
    const failed = await made({
      dataset: 'calls',
      from: '2026-01-01T00:00:00Z',
      to: '2026-12-31T00:00:00+01:00',
      status: 'notEvaluated',
    })
    expect((await bytesOf(failed.files[0])).toString()).toContain('\r\n2,c2,')
    expect(failed.rowCount).toBe(1)
    for (const filter of [{ campaignId: 'none' }, { outcome: 'none' }, { status: 'pending' }]) {
      expect((await made({ dataset: 'calls', ...filter })).rowCount).toBe(0)
    }
    const year = await made({ dataset: 'turn', dateFrom: '2026-01-01', dateTo: '2026-12-31' })
    expect(year.rowCount).toBe(1)
  })

  test('leave no view and no temporary file behind', async () => {
    await made({ datasets: ['turn', 'calls'], format: 'parquet' })
    await expect
      .poll(() =>
        Promise.all(earshot.ports.clickhouse.nodes().map((node) => node.views())).then((views) => views.flat()),
      )
      .toEqual([])
  })
})
