import { Temporal } from 'temporal-polyfill'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { readWorkbook } from '../../../test/readWorkbook.ts'
import { download, exportToEnd } from '../../../test/signedRequest.ts'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'

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

const fixedHeader =
  'Estado,Fecha,Teléfono,CallId,Identidad,Versión IA,Resultado,Duración (s),Nota,Tipificación,Confianza,Campaña,' +
  'Transferencia,EPA Encuesta,EPA Puntaje,EPA Resultado,EPA Preguntas,EPA Completitud'

const ended = (id: string, endedAt: string, more: object = {}) => ({
  id,
  channel: 'phone',
  status: 'completed',
  startedAt: '2026-01-01T00:00:00Z',
  endedAt,
  durationSeconds: 60,
  ...more,
})

async function ingest(collection: string, records: unknown): Promise<void> {
  const answer = await account.request('POST', `/v1/ingest/${collection}`, records)
  expect(answer.status, answer.text).toBe(200)
}

async function exported(body: object): Promise<string> {
  const job = await exportToEnd(earshot, account, body)
  expect(job).toMatchObject({ status: 'completed', progress: 100 })
  return (await download(job)).toString()
}

const text = (value: string) => ({ text: value })

const callIds = (file: string): string[] =>
  file
    .trimEnd()
    .split('\r\n')
    .slice(1)
    .map((line) => line.split(',')[3] ?? '')

describe('the file', () => {
  const may = { dateFrom: '2026-05-03', dateTo: '2026-05-10', timezone: 'America/Santiago' }

  beforeEach(async () => {
    await ingest('campaigns', [
      { id: 'camp-1', name: 'Cobranza, "mayo"' },
      { id: 'camp-gone', name: 'Borrada' },
    ])
    await account.request('DELETE', '/v1/ingest/campaigns/camp-gone')
    await ingest('calls', [
      ended('full', '2026-05-10T23:30:15.999Z', {
        externalEndpoint: '+56 (9) 1234-5678',
        identity: '12.345.678-9',
        flowVersion: 'v3',
        outcome: 'transferred',
        durationSeconds: 61.25,
        campaignId: 'camp-1',
        transferFunction: 'transfer_to_agent',
      }),
      ended('formulas', '2026-05-09T12:00:00Z', {
        status: 'escalated',
        externalEndpoint: '=HYPERLINK("x")',
        identity: '=1+1',
        flowVersion: '+v2',
        outcome: '@sum',
        campaignId: '-unknown',
        transferFunction: '\tx',
      }),
      ended('numbers', '2026-05-09T12:00:00Z', {
        status: 'abandoned',
        externalEndpoint: '-56',
        identity: '+1.5',
        flowVersion: 'a\u2028b',
        outcome: 'línea\n2',
        campaignId: 'camp-gone',
      }),
      ended('bare', '2026-05-03T04:00:00Z', { status: 'failed', durationSeconds: 0 }),
      ended('before', '2026-05-03T03:59:59.999Z'),
      ended('after', '2026-05-11T04:00:00Z'),
      { id: 'active', channel: 'phone', status: 'active', startedAt: '2026-05-05T00:00:00Z' },
      ended('deleted', '2026-05-05T00:00:00Z'),
    ])
    await account.request('DELETE', '/v1/ingest/calls/deleted')
    await ingest('evaluations', [
      {
        callId: 'full',
        status: 'evaluated',
        score: 8.5,
        confidence: 92.5,
        category: 'Boleta',
        reason: 'Cobro',
        subReason: 'Doble',
      },
      { callId: 'formulas', status: 'pending', reason: '-cmd', subReason: 'x' },
      { callId: 'numbers', status: 'processing', score: 0, confidence: 0, category: 'A', subReason: 'C' },
    ])
    await ingest('surveys', [
      {
        callId: 'full',
        state: 'Completed',
        completionReason: 'AllAnswered',
        score: 4.5,
        totalQuestions: 3,
        responses: [
          { question: '¿Resolvió?', answer: 'No' },
          { question: 'Z, "nota"', answer: '=7' },
          { question: '¿Resolvió?', answer: 'Sí' },
          { question: 'a', answer: null },
        ],
      },
      {
        callId: 'formulas',
        responses: [{ question: '¿Resolvió?', answer: '' }, { question: 'a', answer: 'x' }, { question: 'a' }],
      },
      { callId: 'numbers', state: 'NotStarted', completionReason: 'HangUp', score: 0, totalQuestions: 0 },
    ])
  })

  test('as CSV: byte for byte', async () => {
    expect(await exported(may)).toBe(
      `\ufeff${[
        `${fixedHeader},"EPA_Z, ""nota""",EPA_a,EPA_¿Resolvió?`,
        'Evaluated,2026-05-10 19:30:15,+56 (9) 1234-5678,full,12.345.678-9,v3,transferred,61.25,8.5,' +
          'Boleta → Cobro → Doble,92.5,"Cobranza, ""mayo""",transfer_to_agent,Sí,4.5,AllAnswered,2 / 3,66.7,\'=7,,Sí',
        'Processing,2026-05-09 08:00:00,-56,numbers,+1.5,"a\u2028b","línea\n2",60,0,A → C,0,camp-gone,,' +
          'No,0,HangUp,0 / 0,,,,',
        "Pending,2026-05-09 08:00:00,\"'=HYPERLINK(\"\"x\"\")\",formulas,'=1+1,'+v2,'@sum,60,,'-cmd → x,,'-unknown,'\tx," +
          'No,,,0 / 2,0,,,',
        'Not Evaluated,2026-05-03 00:00:00,,bare,,,,0,,,,,,No,,,,,,,',
      ].join('\r\n')}\r\n`,
    )
  })

  test('as XLSX: the same cells, typed, text as text', async () => {
    const job = await exportToEnd(earshot, account, { ...may, format: 'xlsx' })
    expect(job['fileName']).toBe('ai-calls_2026-05-03_2026-05-10_America-Santiago.xlsx')
    const [sheet] = await readWorkbook(await download(job))
    expect(sheet?.rows[0]?.slice(16)).toEqual(
      ['EPA Preguntas', 'EPA Completitud', 'EPA_Z, "nota"', 'EPA_a', 'EPA_¿Resolvió?'].map(text),
    )
    expect(sheet?.rows[1]).toEqual([
      text('Evaluated'),
      { time: '2026-05-10 19:30:15' },
      ...['+56 (9) 1234-5678', 'full', '12.345.678-9', 'v3', 'transferred'].map(text),
      { number: 61.25 },
      { number: 8.5 },
      text('Boleta → Cobro → Doble'),
      { number: 92.5 },
      ...['Cobranza, "mayo"', 'transfer_to_agent', 'Sí'].map(text),
      { number: 4.5 },
      ...['AllAnswered', '2 / 3'].map(text),
      { number: 66.7 },
      text('=7'),
      undefined,
      text('Sí'),
    ])
    expect(sheet?.rows[3]?.slice(2, 7)).toEqual(['=HYPERLINK("x")', 'formulas', '=1+1', '+v2', '@sum'].map(text))
    expect(sheet?.rows).toHaveLength(5)
  })

  test('of nothing has the fixed header alone', async () => {
    const job = await exportToEnd(earshot, account, { dateFrom: '2020-01-01', dateTo: '2020-01-01' })
    expect(job).toMatchObject({ rowCount: 0, totalRows: 0, truncated: false })
    expect(job['fileName']).toBe('ai-calls_2020-01-01_2020-01-01_UTC.csv')
    expect((await download(job)).toString()).toBe(`\ufeff${fixedHeader}\r\n`)
  })

  test.each([
    [{ campaignId: 'camp-1' }, ['full']],
    [{ campaignId: 'nobody' }, []],
    [{ outcome: 'transferred' }, ['full']],
    [{ status: 'evaluated' }, ['full']],
    [{ status: 'pending' }, ['formulas']],
    [{ status: 'notEvaluated' }, ['bare']],
    [{ status: 'failed' }, []],
    [{ status: 'evaluated', campaignId: 'camp-1', outcome: 'completed' }, []],
    [
      { status: null, campaignId: null, outcome: null, format: null, whatever: 1 },
      ['full', 'numbers', 'formulas', 'bare'],
    ],
  ])('keeps to the filter %j', async (filter, ids) => {
    const { totalRows, rowCount } = await exportToEnd(earshot, account, { ...may, ...filter })
    expect([totalRows, rowCount]).toEqual([ids.length, ids.length])
    const job = await exportToEnd(earshot, account, { ...may, ...filter, format: 'xlsx' })
    const [sheet] = await readWorkbook(await download(job))
    expect(sheet?.rows.slice(1).map((cells) => cells[3])).toEqual(ids.map((text) => ({ text })))
  })

  test('counts no fewer questions than were answered', async () => {
    const responses = ['a', 'b', 'b', 'c'].map((question) => ({ question, answer: question === 'c' ? null : 'x' }))
    await ingest('surveys', [
      { callId: 'full', totalQuestions: 1, responses },
      { callId: 'bare', totalQuestions: 0, responses },
      { callId: 'formulas', totalQuestions: 5, responses },
    ])
    const rows: Record<string, string>[] = parse(await exported(may), { bom: true, columns: true })
    expect(rows.map((row) => [row['CallId'], row['EPA Preguntas'], row['EPA Completitud']])).toEqual([
      ['full', '2 / 2', '100'],
      ['numbers', '0 / 0', ''],
      ['formulas', '2 / 5', '40'],
      ['bare', '2 / 2', '100'],
    ])
  })

  test('shows corrections, also of the day', async () => {
    await ingest('calls', [
      { id: 'before', endedAt: '2026-05-03T04:00:00Z' },
      { id: 'full', endedAt: '2026-06-01T00:00:00Z' },
    ])
    await ingest('campaigns', { id: '-unknown', name: 'Nueva' })
    const file = await exported({ ...may, campaignId: '-unknown' })
    expect(file).toContain(',Nueva,')
    expect(callIds(await exported(may))).not.toContain('full')
    expect(callIds(await exported(may)).slice(-2)).toEqual(['before', 'bare'])
  })
})

describe('days of a zone', () => {
  const timezone = 'America/Santiago'

  test('a day without midnight', async () => {
    await ingest('calls', [
      ended('saturday', '2026-09-06T03:59:59.999Z'),
      ended('first', '2026-09-06T04:00:00Z'),
      ended('last', '2026-09-07T02:59:59.999Z'),
      ended('monday', '2026-09-07T03:00:00Z'),
    ])
    const file = await exported({ dateFrom: '2026-09-06', dateTo: '2026-09-06', timezone })
    expect(callIds(file)).toEqual(['last', 'first'])
    expect(file).toContain('2026-09-06 01:00:00,,first')
    expect(file).toContain('2026-09-06 23:59:59,,last')
    expect(await exported({ dateFrom: '2026-09-05', dateTo: '2026-09-05', timezone })).toContain(
      '2026-09-05 23:59:59,,saturday',
    )
  })

  test('a day of 25 hours', async () => {
    await ingest('calls', [
      ended('friday', '2026-04-04T02:59:59.999Z'),
      ended('first', '2026-04-04T03:00:00Z'),
      ended('once', '2026-04-05T02:30:00Z'),
      ended('again', '2026-04-05T03:30:00Z'),
      ended('last', '2026-04-05T03:59:59.999Z'),
      ended('sunday', '2026-04-05T04:00:00Z'),
    ])
    const file = await exported({ dateFrom: '2026-04-04', dateTo: '2026-04-04', timezone })
    expect(callIds(file)).toEqual(['last', 'again', 'once', 'first'])
    for (const shown of ['00:00:00,,first', '23:30:00,,once', '23:30:00,,again', '23:59:59,,last']) {
      expect(file).toContain(`2026-04-04 ${shown}`)
    }
    const both = await exported({ dateFrom: '2026-04-03', dateTo: '2026-04-05', timezone })
    expect(both).toContain('2026-04-05 00:00:00,,sunday')
    expect(callIds(both)).toHaveLength(6)
  })

  test('follow our zone data, not the engine’s', async () => {
    await ingest('calls', ended('casablanca', '2026-10-01T23:30:00Z'))
    const zone = { timezone: 'Africa/Casablanca' }
    const shown = new Temporal.ZonedDateTime(BigInt(Date.UTC(2026, 9, 1, 23, 30)) * 1_000_000n, zone.timezone)
    const day = shown.toPlainDate().toString()
    const file = await exported({ dateFrom: day, dateTo: day, ...zone })
    expect(file).toContain(`${shown.toPlainDateTime().toString().replace('T', ' ')},,casablanca`)
  })
})
