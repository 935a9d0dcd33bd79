import { request } from 'node:http'
import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { download, exportToEnd, type ShownJob } from '../../../test/signedRequest.ts'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { contentDisposition, rangeOf } from '../http/fileAnswer.ts'

let earshot: TestApp
let account: TestAccount
let job: ShownJob
let whole: Buffer

beforeAll(async () => {
  earshot = await openTestApp()
  earshot.ports.jobs.start()
  account = await earshot.account()
  const calls = Array.from({ length: 5000 }, (_, index) => ({
    id: `c${index}`,
    channel: 'phone',
    status: 'completed',
    startedAt: '2026-05-03T14:05:07Z',
    durationSeconds: index,
    identity: `identity ${index} `.repeat(10),
  }))
  await account.request('POST', '/v1/ingest/calls', calls)
  job = await exportToEnd(earshot, account, { dateFrom: '2026-05-03', dateTo: '2026-05-04' })
  whole = await download(job)
})
afterAll(() => earshot.close())

async function errorOf(answer: Response): Promise<{ code: string; message: string }> {
  const body = (await answer.json()) as { error: { code: string; message: string } }
  return body.error
}

const get = (headers: Record<string, string> = {}, method = 'GET') => fetch(job.downloadUrl, { method, headers })

/** The headers that are not of the one answer alone. */
const told = (answer: Response) =>
  Object.fromEntries(
    [...answer.headers].filter(([name]) => !['date', 'x-request-id', 'connection', 'keep-alive'].includes(name)),
  )

describe('a download', () => {
  test('comes whole, with headers that keep it from being run, cached or told on', async () => {
    const answer = await get()
    expect(answer.status).toBe(200)
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="ai-calls_2026-05-03_2026-05-04_UTC.csv"',
      'content-length': String(whole.length),
      'content-security-policy': 'sandbox',
      'x-content-type-options': 'nosniff',
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'accept-ranges': 'bytes',
      etag: `"${createHash('sha256').update(whole).digest('hex')}"`,
    })
    expect(Buffer.from(await answer.arrayBuffer()).equals(whole)).toBe(true)
    expect(whole.length).toBeGreaterThan(600_000)
  })

  test('HEAD tells the same without the bytes', async () => {
    const [head, full] = [await get({}, 'HEAD'), await get()]
    await full.arrayBuffer()
    expect(head.status).toBe(200)
    expect(told(head)).toEqual(told(full))
    expect(await head.text()).toBe('')
  })

  test.each([
    ['bytes=0-9', 0, 9],
    ['bytes=100000-300000', 100_000, 300_000],
    ['bytes=5-', 5, undefined],
    ['bytes=-7', -7, undefined],
    ['bytes=65536-99999999999', 65_536, undefined],
  ])('a range: %s', async (range, start, end) => {
    const answer = await get({ Range: range })
    const part = whole.subarray(start, end === undefined ? undefined : end + 1)
    expect(answer.status).toBe(206)
    expect(answer.headers.get('content-length')).toBe(String(part.length))
    const first = whole.length - part.length
    const from = end === undefined ? first : start
    expect(answer.headers.get('content-range')).toBe(`bytes ${from}-${from + part.length - 1}/${whole.length}`)
    expect(Buffer.from(await answer.arrayBuffer()).equals(part)).toBe(true)
  })

  test('a range outside is 416, and one for another state of the file is the whole', async () => {
    const outside = await get({ Range: `bytes=${whole.length}-` })
    expect([outside.status, outside.headers.get('content-range')]).toEqual([416, `bytes */${whole.length}`])
    expect(await outside.text()).toContain('lies outside')
    const etag = (await get({}, 'HEAD')).headers.get('etag') ?? ''
    for (const [condition, status] of [
      [etag, 206],
      ['"other"', 200],
      [`W/${etag}`, 200],
      [new Date().toUTCString(), 200],
    ] as const) {
      const answer = await get({ Range: 'bytes=0-4', 'If-Range': condition })
      await answer.arrayBuffer()
      expect(answer.status, condition).toBe(status)
    }
  })

  test('a client that hangs up ends the reading of the file', async () => {
    const { ports } = earshot
    const { files } = ports
    let closed = 0
    ports.files = {
      ...files,
      async read(...given) {
        const found = await files.read(...given)
        found?.content.once('close', () => closed++)
        return found
      },
    }
    try {
      await new Promise<void>((resolve, reject) => {
        const sent = request(job.downloadUrl, (answer) => {
          answer.once('data', () => {
            sent.destroy()
            resolve()
          })
        })
        sent.once('error', reject)
        sent.end()
      })
      await expect.poll(() => closed).toBe(1)
    } finally {
      ports.files = files
    }
    expect((await download(job)).equals(whole)).toBe(true)
  })
})

describe('a link', () => {
  test('ends in the name of its file, so that whatever downloads it saves it under that', () => {
    const { pathname, search } = new URL(job.downloadUrl)
    expect([pathname.split('/').at(-1), search]).toEqual(['ai-calls_2026-05-03_2026-05-04_UTC.csv', ''])
  })

  test('that was altered anywhere is refused', async () => {
    const start = job.downloadUrl.indexOf('/files/') + '/files/'.length
    const letters = 'ABab01-_.'
    for (let place = start; place < job.downloadUrl.length; place++) {
      for (const letter of [letters[place % letters.length] ?? 'A', 'A', 'z', '4']) {
        if (job.downloadUrl[place] === letter) continue
        const answer = await fetch(`${job.downloadUrl.slice(0, place)}${letter}${job.downloadUrl.slice(place + 1)}`)
        // Without the stroke between token and name it is the address of nothing.
        const expected = job.downloadUrl[place] === '/' ? 404 : 403
        expect(answer.status, `place ${place - start}`).toBe(expected)
        await answer.arrayBuffer()
      }
    }
  })

  test.each(['x', 'export.1.2.3', 'a'.repeat(500), '%2e%2e%2fmaster.key', 'export...', '.'])(
    'that was guessed is refused: %s',
    async (token) => {
      const answer = await fetch(`${earshot.url}/files/${token}/ai-calls.csv`)
      expect([403, 404]).toContain(answer.status)
      expect((await errorOf(answer)).message).not.toContain(earshot.ports.config.dataDirectory)
    },
  )

  test('shortened or extended is refused', async () => {
    for (const url of [job.downloadUrl.slice(0, -1), `${job.downloadUrl}A`, `${job.downloadUrl}=`]) {
      const answer = await fetch(url)
      expect([answer.status, (await errorOf(answer)).code]).toEqual([403, 'LINK_INVALID'])
    }
  })

  test('ends two hours after completion, with a plain reason', async () => {
    const { now } = earshot.ports
    try {
      earshot.ports.now = () => Date.parse(String(job['completedAt'])) + 7_200_000 - 1
      expect((await download(job)).length).toBe(whole.length)
      earshot.ports.now = () => Date.parse(String(job['completedAt'])) + 7_200_000
      const late = await get()
      expect(late.status).toBe(410)
      expect(await errorOf(late)).toMatchObject({ code: 'GONE', message: expect.stringContaining('has ended') })
      expect((await get({}, 'HEAD')).status).toBe(410)
    } finally {
      earshot.ports.now = now
    }
  })

  test('ends when its account is disabled', async () => {
    const other = await earshot.account()
    const theirs = await exportToEnd(earshot, other, { dateFrom: '2026-05-03', dateTo: '2026-05-04' })
    expect((await fetch(theirs.downloadUrl)).status).toBe(200)
    await earshot.ports.postgres.run(sql`UPDATE accounts SET disabled_at = now() WHERE id = ${other.id}`)
    const answer = await fetch(theirs.downloadUrl)
    expect(answer.status).toBe(403)
    expect((await errorOf(answer)).message).toContain('disabled')
  })

  test('whose file is gone says so', async () => {
    const mine = await exportToEnd(earshot, account, { dateFrom: '2026-05-03', dateTo: '2026-05-04' })
    for await (const key of earshot.ports.files.list(`exports/${mine.jobId}/`)) await earshot.ports.files.remove(key)
    expect((await fetch(mine.downloadUrl)).status).toBe(410)
  })

  test('takes no other method', async () => {
    expect((await get({}, 'DELETE')).status).toBe(405)
  })
})

test('names that are not plain are sent in both forms', () => {
  expect(contentDisposition('a b.csv')).toBe('attachment; filename="a b.csv"')
  expect(contentDisposition('año "1" 100%.csv')).toBe(
    `attachment; filename="a_o _1_ 100_.csv"; filename*=UTF-8''a%C3%B1o%20%221%22%20100%25.csv`,
  )
})

test('ranges that are none leave the whole file', () => {
  for (const header of [undefined, '', 'bytes=', 'bytes=-', 'bytes=5-2', 'bytes=0-1,4-5', 'items=0-1', 'bytes=a-b']) {
    expect(rangeOf(header, 10), header).toBeUndefined()
  }
  expect(rangeOf('bytes=0-0', 0)).toBe('none')
  expect(rangeOf('bytes=-0', 10)).toBe('none')
  expect(rangeOf('bytes=-99', 10)).toEqual({ start: 0, end: 9 })
})
