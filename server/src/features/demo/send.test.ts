import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { createGunzip } from 'node:zlib'
import { afterEach, expect, test } from 'vitest'
import { collectDemo } from './demoRecords.testing.ts'
import type { DemoProgress } from './progress.ts'
import { sendDemo } from './send.ts'

const demo = { seed: 5, calls: 120, days: 7, endsAt: Date.UTC(2026, 4, 14, 18), apiKey: 'ak_test', batchSize: 40 }

interface Received {
  path: string
  headers: IncomingMessage['headers']
  records: Record<string, unknown>[]
}

const stops: (() => void)[] = []
afterEach(() => {
  for (const stop of stops.splice(0)) stop()
})

/** An ingestion that keeps what `answer` lets through: it gives the status of each request, or nothing for 200. */
async function serve(answer: (received: Received, response: ServerResponse) => boolean) {
  const kept: Received[] = []
  const server = createServer((request, response) => {
    void (async () => {
      const body = await text(request.pipe(createGunzip()))
      const records = body.split('\n').map((line) => JSON.parse(line) as Record<string, unknown>)
      const received = { path: request.url ?? '', headers: request.headers, records }
      if (!answer(received, response)) return
      kept.push(received)
      response.end('{"data":{}}')
    })()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  stops.push(() => server.close())
  return { kept, baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` }
}

test('sends every record once, parts after their calls, and reports progress up to the end', async () => {
  const { kept, baseUrl } = await serve(() => true)
  const seen: DemoProgress[] = []
  const result = await sendDemo({ ...demo, baseUrl, onProgress: (progress) => seen.push(progress) })
  const { apiKey: _, ...options } = demo
  for (const [collection, records] of Object.entries(collectDemo(options))) {
    const sent = kept.filter((request) => request.path === `/v1/ingest/${collection}?announce=false`)
    const lines = sent.flatMap((request) => request.records).map((record) => JSON.stringify(record))
    expect(lines.sort()).toEqual(records.map((record) => JSON.stringify(record)).sort())
    for (const request of sent) expect(request.records.length).toBeLessThanOrEqual(40)
  }
  expect(kept[0]?.headers).toMatchObject({ 'x-api-key': 'ak_test', 'content-type': 'application/x-ndjson' })
  const known = new Set<unknown>()
  for (const { path, records } of kept) {
    for (const record of records) {
      if (path.includes('/calls?')) known.add(record['id'])
      else if (record['callId'] !== undefined) expect(known.has(record['callId'])).toBe(true)
    }
  }
  expect(seen.at(-1)).toMatchObject({ callsDone: 120, calls: 120, remainingMs: 0, records: result.records })
  expect(seen.every((progress, place) => progress.callsDone >= (seen[place - 1]?.callsDone ?? 0))).toBe(true)
})

test('tries again when the server is busy or full, after the time that it names', async () => {
  const refusals = [429, 503, 507]
  const { kept, baseUrl } = await serve((_, response) => {
    const status = refusals.shift()
    if (status !== undefined) response.writeHead(status, { 'Retry-After': '0' }).end('{}')
    return status === undefined
  })
  await sendDemo({ ...demo, baseUrl, parts: { turns: false } })
  expect(refusals).toEqual([])
  expect(kept.filter(({ path }) => path.includes('/campaigns?'))).toHaveLength(1)
})

test('halves a batch that the server finds too large', async () => {
  const { kept, baseUrl } = await serve(({ records }, response) => {
    const isTooLarge = records.length > 15
    if (isTooLarge) response.writeHead(413).end('{}')
    return !isTooLarge
  })
  await sendDemo({ ...demo, baseUrl, parts: { turns: false } })
  expect(kept.filter(({ path }) => path.includes('/calls?')).flatMap(({ records }) => records)).toHaveLength(120)
})

test('stops with the first fault of any other answer', async () => {
  let requests = 0
  const { baseUrl } = await serve(({ path }, response) => {
    requests++
    if (!path.includes('/calls?')) return true
    const details = [{ index: 17, field: 'startedAt', message: 'must be a time.' }]
    response.writeHead(422).end(JSON.stringify({ error: { code: 'VALIDATION_ERROR', message: 'Wrong.', details } }))
    return false
  })
  await expect(sendDemo({ ...demo, baseUrl })).rejects.toThrow(
    'POST /v1/ingest/calls was answered with 422: Wrong. First fault: record 17, startedAt: must be a time.',
  )
  const before = requests
  await new Promise((resolve) => setImmediate(resolve))
  expect(requests).toBe(before)
})

test('says when the key is not accepted', async () => {
  const { baseUrl } = await serve((_, response) => {
    response.writeHead(401).end(JSON.stringify({ error: { message: 'Unknown key.' } }))
    return false
  })
  await expect(sendDemo({ ...demo, baseUrl })).rejects.toMatchObject({ code: 'INVALID_API_KEY' })
})

test('can be stopped while it waits', async () => {
  const stop = new AbortController()
  const { baseUrl } = await serve((_, response) => {
    response.writeHead(503, { 'Retry-After': '60' }).end('{}')
    stop.abort()
    return false
  })
  await expect(sendDemo({ ...demo, baseUrl, signal: stop.signal })).rejects.toThrow(/abort/i)
})
