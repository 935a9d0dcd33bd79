import { spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fixIds, ingest, phoneCall, sendGoldenCalls } from '../../../test/feedCalls.ts'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'
import { feedAnswer } from './schema.ts'

let earshot: TestApp
let account: TestAccount

beforeAll(async () => {
  earshot = await openTestApp()
  account = await earshot.account({ timezone: 'America/Santiago' })
  await fixIds(earshot, account)
  await sendGoldenCalls(earshot, account)
})
afterAll(() => earshot.close())

const golden = (name: string) => readFile(join(import.meta.dirname, 'golden', name), 'utf8')
const get = (query: string, by = account) => by.request('GET', `/v1/sa/call?${query}`)

describe('the files', () => {
  test('CSV, byte for byte: the 43 columns, times on the clock of America/Santiago, without a byte order mark', async () => {
    const { text, headers } = await get('format=csv')
    expect(text).toBe(await golden('calls.csv'))
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8')
    expect(text.split('\r\n')[0]?.split(',')).toHaveLength(43)
  })

  test('JSON, value for value: a bare array, absent facts left out', async () => {
    const { json, headers } = await get('')
    expect(JSON.stringify(json, null, 1)).toBe(JSON.stringify(JSON.parse(await golden('calls.json')), null, 1))
    expect(feedAnswer.safeParse(json).error).toBeUndefined()
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8')
  })

  test('nothing but the header row when nothing is left', async () => {
    const header = (await golden('calls.csv')).split('\r\n')[0]
    expect((await get('format=csv&page=2')).text).toBe(`${header}\r\n`)
    expect((await get('format=csv&afterCallId=4')).text).toBe(`${header}\r\n`)
    expect((await get('page=2')).text).toBe('[]')
  })
})

describe('times on local clocks', () => {
  test('follow the offset of their own day, also in one page', async () => {
    const other = await earshot.account({ timezone: 'America/Santiago' })
    const starts = ['2026-04-05T02:59:59Z', '2026-04-05T03:00:00Z', '2026-09-06T03:59:59Z', '2026-09-06T04:00:00Z']
    await ingest(
      other,
      'calls',
      starts.map((startedAt, index) => phoneCall(`c${index}`, { startedAt, durationSeconds: 0 })),
    )
    const rows: string[][] = parse((await get('format=csv', other)).text)
    expect(rows.slice(1).map((row) => row[3])).toEqual([
      '04-04-2026 11:59:59 PM',
      '04-04-2026 11:00:00 PM',
      '09-05-2026 11:59:59 PM',
      '09-06-2026 1:00:00 AM',
    ])
  })

  test('say 12 at midnight and at noon', async () => {
    const other = await earshot.account()
    const starts = ['2026-05-03T00:00:00Z', '2026-05-03T12:00:00Z', '2026-05-03T09:05:00Z']
    await ingest(
      other,
      'calls',
      starts.map((startedAt, index) => phoneCall(`c${index}`, { startedAt })),
    )
    const rows: string[][] = parse((await get('format=csv', other)).text)
    expect(rows.slice(1).map((row) => row[3])).toEqual([
      '05-03-2026 12:00:00 AM',
      '05-03-2026 12:00:00 PM',
      '05-03-2026 9:05:00 AM',
    ])
  })
})

describe('quoting', () => {
  // Every character at which some reader ends a line or a cell, alone in each text that a cell takes as it is.
  const breaking = [',', '"', '\r', '\n', '\v', '\f', '\x1c', '\x1d', '\x1e', '\x85', '\u2028', '\u2029']
  const texts = breaking.map((character) => `a${character}b`)
  let file: string
  let other: TestAccount

  beforeAll(async () => {
    other = await earshot.account()
    await ingest(
      other,
      'agents',
      texts.map((name, index) => ({ id: `a${index}`, name, email: name, externalId: name, userId: name })),
    )
    await ingest(
      other,
      'queues',
      texts.map((name, index) => ({ id: `q${index}`, name })),
    )
    await ingest(
      other,
      'calls',
      texts.map((text, index) => ({
        ...phoneCall(`c${index}`),
        ...Object.fromEntries(sentTexts.map((field) => [field, text])),
        agentId: `a${index}`,
        queueId: `q${index}`,
        tags: [text],
        keywords: [text],
        topics: [text],
      })),
    )
    await ingest(
      other,
      'evaluations',
      texts.map((text, index) => ({
        callId: `c${index}`,
        status: 'evaluated',
        formId: text,
        reviewStatus: text,
        reviewNotes: text,
      })),
    )
    file = (await get('format=csv', other)).text
  })

  const sentTexts = [
    'externalEndpoint',
    'internalEndpoint',
    'speechSessionId',
    'notes',
    'voicebotAppId',
    'voicebotSessionId',
    'originatingCallId',
    'transferDestination',
    'callCenterCallId',
  ]
  const textColumns = (
    'externalEndpoint internalEndpoint saSessionId agent.id agent.email agent.name agent.userId queue.name crAnswersId ' +
    'reviewStatus reviewNotes notes tags keywords topics aivrAppId aivrSessionId originatingCallId ' +
    'aivrTransferDestType callCenterCallId'
  ).split(' ')

  test('a strict reader gets every text back', () => {
    const rows: Record<string, string>[] = parse(file, { columns: true, record_delimiter: '\r\n' })
    expect(rows).toHaveLength(texts.length)
    rows.forEach((row, index) => {
      expect(textColumns.map((column) => row[column])).toEqual(textColumns.map(() => texts[index]))
    })
  })

  test('no character that ends a line for some reader stands outside quotes', () => {
    const outside = file.replaceAll(/"(?:[^"]|"")*"/g, '').replaceAll('\r\n', '')
    expect(breaking.filter((character) => character !== ',' && outside.includes(character))).toEqual([])
  })

  const python = spawnSync('python3', ['--version']).error === undefined
  test.skipIf(!python)('the published loader’s way of reading keeps the rows (skipped without python3)', () => {
    const script = `import csv, json, sys
content = sys.stdin.buffer.read()
print(json.dumps(list(csv.reader(content.decode('utf-8').splitlines()))))`
    const { stdout } = spawnSync('python3', ['-c', script], { input: file })
    const rows: string[][] = JSON.parse(stdout.toString())
    const header = rows[0] ?? []
    expect(header[0]).toBe('accountId')
    // It loses the breaking characters themselves, and no more.
    const shown = texts.map((text) => (/[,"]/.test(text) ? text : 'ab'))
    expect(rows.slice(1).map((row) => row.length)).toEqual(texts.map(() => 43))
    expect(rows.slice(1).map((row) => row[header.indexOf('callId')])).toEqual(texts.map((_, index) => `${index + 1}`))
    expect(rows.slice(1).map((row) => row[header.indexOf('notes')])).toEqual(shown)
  })
})

test('the word cloud holds the 100 most frequent phrases, equal ones as they were sent', async () => {
  const other = await earshot.account()
  const wordCloud = Array.from({ length: 150 }, (_, index) => ({ phrase: `p${index}`, freq: index % 10 }))
  await ingest(other, 'calls', [phoneCall('c', { wordCloud })])
  const expected = wordCloud.toSorted((left, right) => right.freq - left.freq).slice(0, 100)
  expect((await get('', other)).json[0].wordCloud).toEqual(expected)
})
