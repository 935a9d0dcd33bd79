import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { get, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readAllChanges, readPage, rowsOf } from '../../../test/changes/follow.ts'
import { send } from '../../../test/changes/sent.ts'
import type { Json } from '../../../test/model/recordsModel.ts'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'
import { collections } from '../../domain/collections/all.ts'
import { closeServer } from '../http/server.ts'
import { collectDemo } from '../../features/demo/demoRecords.testing.ts'

let earshot: TestApp
let account: TestAccount

beforeAll(async () => {
  earshot = await openTestApp()
  account = await earshot.account()
  const demo = collectDemo({ seed: 11, calls: 40, days: 5, endsAt: Date.UTC(2026, 4, 14, 18) })
  for (const [collection, records] of Object.entries(demo)) await send(account, collection, records)
})
afterAll(() => earshot.close())

/** The answer as it goes over the wire. */
async function raw(path: string, headers: Record<string, string> = {}): Promise<IncomingMessage & { body: Buffer }> {
  const request = get(`${earshot.url}${path}`, { headers: { 'X-Api-Key': account.apiKey, ...headers } })
  const [answer] = (await once(request, 'response')) as [IncomingMessage]
  return Object.assign(answer, { body: await buffer(answer) })
}

let files = 0

/** Reads a Parquet file back with the engine: its rows, and its columns with their types. */
async function readParquet(bytes: Uint8Array): Promise<{ rows: Json[]; types: Json }> {
  const path = join(earshot.ports.config.dataDirectory, `read${files++}.parquet`)
  await writeFile(path, bytes)
  const rows = await earshot.ports.clickhouse.rows<Json>('SELECT * FROM file({path:String}, Parquet)', { path })
  const columns = await earshot.ports.clickhouse.rows<{ name: string; type: string }>(
    'DESCRIBE file({path:String}, Parquet)',
    { path },
  )
  return { rows, types: Object.fromEntries(columns.map(({ name, type }) => [name, type])) }
}

const parquet = { Accept: 'application/vnd.apache.parquet' }

describe('Parquet', () => {
  test('holds what NDJSON holds, in typed columns, for every collection', async () => {
    for (const { name, fields } of collections) {
      const { body, headers } = await raw(`/v1/changes/${name}?limit=100000`, parquet)
      expect(headers['content-type']).toBe('application/vnd.apache.parquet')
      expect(headers['content-encoding']).toBeUndefined()
      const { rows } = await readParquet(body)
      const times = new Set([
        'createdAt',
        'updatedAt',
        ...fields.flatMap(({ name, type }) => (type.kind === 'time' ? [name] : [])),
      ])
      const shown = rows.map((row) => {
        const present = Object.entries(row).filter(
          ([key, value]) => value !== null && key !== 'deleted' && !isEmptyList(value),
        )
        return Object.fromEntries(present.map(([key, value]) => [key, shownValue(key, value, times.has(key))]))
      })
      const expected = (await readAllChanges(account, name)).rows
      expect(shown, name).toEqual(expected.map(withoutEmptyLists))
    }
  })

  function shownValue(name: string, value: unknown, isTime: boolean): unknown {
    if (name === 'attributes') return JSON.parse(String(value))
    if (isTime) return `${String(value).replace(' ', 'T')}Z`
    if (!Array.isArray(value)) return value
    return value.map((entry: unknown) => (typeof entry === 'object' ? withoutUnsaid(Object(entry)) : entry))
  }

  /** Entries that may be null in an answer stay, others are left out. */
  function withoutUnsaid(entry: Json): Json {
    return Object.fromEntries(
      Object.entries(entry).filter(([name, value]) => value !== null || ['answer', 'note'].includes(name)),
    )
  }

  const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0
  const withoutEmptyLists = (row: Json): Json =>
    Object.fromEntries(Object.entries(row).filter(([, value]) => !isEmptyList(value)))

  test('has one schema whether there are rows or not, deleted ones too', async () => {
    const other = await earshot.account()
    const read = async (path: string) => {
      const answer = await raw(path, { ...parquet, 'X-Api-Key': other.apiKey })
      expect(answer.headers['x-has-more']).toBe('false')
      return readParquet(answer.body)
    }
    const call = { id: 'a', channel: 'phone', status: 'active', startedAt: '2026-05-03T14:05:07.123Z' }
    const empty = await read('/v1/changes/calls')
    expect(empty.rows).toEqual([])
    expect(empty.types).toMatchObject({
      id: 'Nullable(String)',
      channel: 'Nullable(String)',
      startedAt: "Nullable(DateTime64(3, 'UTC'))",
      durationSeconds: 'Nullable(Float64)',
      requesterId: 'Nullable(Int64)',
      authenticated: 'Nullable(Bool)',
      deleted: 'Bool',
      tags: 'Array(String)',
      ticketsCreated: 'Array(Int64)',
      sequence: 'Nullable(Int64)',
    })
    await send(other, 'calls', call)
    await other.request('DELETE', '/v1/ingest/calls/a')
    const gone = await read('/v1/changes/calls')
    expect(gone.types).toEqual(empty.types)
    expect(gone.rows).toMatchObject([{ id: 'a', number: 1, deleted: true, channel: null, startedAt: null, tags: [] }])
    await send(other, 'calls', { ...call, id: 'b' })
    expect((await read('/v1/changes/calls')).types).toEqual(empty.types)
  })

  test('packs its pages as it is asked to', async () => {
    const sizes = new Map<string, number>()
    for (const compression of ['zstd', 'gzip', 'none']) {
      const { body } = await raw(`/v1/changes/turns?format=parquet&compression=${compression}`)
      expect((await readParquet(body)).rows.length).toBe(
        rowsOf((await raw('/v1/changes/turns')).body.toString()).length,
      )
      sizes.set(compression, body.length)
    }
    expect(sizes.get('none')).toBeGreaterThan(Math.max(sizes.get('zstd') ?? 0, sizes.get('gzip') ?? 0))
  })

  test('takes the chosen fields', async () => {
    const { body } = await raw('/v1/changes/calls?fields=startedAt&format=parquet&limit=3')
    const { rows, types } = await readParquet(body)
    expect([rows.length, Object.keys(types)]).toEqual([3, ['id', 'startedAt', 'sequence', 'deleted']])
  })
})

describe('NDJSON', () => {
  test('is what comes unless Parquet is preferred', async () => {
    for (const accept of ['*/*', 'application/json', 'application/x-ndjson, application/vnd.apache.parquet;q=0.5']) {
      const { headers } = await raw('/v1/changes/queues', { Accept: accept })
      expect(headers['content-type'], accept).toBe('application/x-ndjson; charset=utf-8')
    }
    const { body } = await raw('/v1/changes/queues?format=ndjson', parquet)
    expect(rowsOf(body.toString())).toEqual((await readAllChanges(account, 'queues')).rows)
  })

  test.each([
    ['', 'gzip', 'gzip'],
    ['', 'gzip, zstd', 'zstd'],
    ['', 'zstd;q=0.1, gzip;q=0.2', 'gzip'],
    ['', 'br, *;q=0', undefined],
    ['', 'identity', undefined],
    ['&compression=zstd', 'gzip', 'zstd'],
    ['&compression=gzip', '', 'gzip'],
    ['&compression=none', 'gzip, zstd', undefined],
  ])('with compression%s and Accept-Encoding %s comes as %s', async (query, accepted, coding) => {
    const plain = await raw('/v1/changes/turns?limit=500')
    const answer = await raw(
      `/v1/changes/turns?limit=500${query}`,
      accepted === '' ? {} : { 'Accept-Encoding': accepted },
    )
    expect(answer.headers['content-encoding']).toBe(coding)
    const unpack = { gzip: gunzipSync, zstd: zstdDecompressSync }[coding ?? ''] ?? ((bytes: Buffer) => bytes)
    expect(unpack(answer.body).equals(plain.body)).toBe(true)
    if (coding) expect(answer.body.length).toBeLessThan(plain.body.length / 2)
  })
})

describe('waiting', () => {
  test('ends as soon as there is a change', async () => {
    const { cursor } = await readAllChanges(account, 'campaigns')
    const began = performance.now()
    const waiting = readPage(account, 'campaigns', cursor, 'wait=60')
    await send(account, 'queues', { id: 'other', name: 'another collection' })
    await send(account, 'campaigns', { id: 'new', name: 'New' })
    expect((await waiting).rows).toMatchObject([{ id: 'new' }])
    expect(performance.now() - began).toBeLessThan(40_000)
  })

  test('does not happen where there is a change already, and ends in its time where there is none', async () => {
    const began = performance.now()
    const first = await readPage(account, 'campaigns', '', 'wait=60&limit=1')
    expect(first.rows).toHaveLength(1)
    expect(performance.now() - began).toBeLessThan(40_000)
    const { cursor } = await readAllChanges(account, 'campaigns')
    expect(await readPage(account, 'campaigns', cursor, 'wait=0.4')).toEqual({
      status: 200,
      rows: [],
      cursor,
      hasMore: false,
    })
    expect(performance.now() - began).toBeGreaterThan(400)
  })

  test('holds no place at the engines: as many wait as want to', async () => {
    const { cursor } = await readAllChanges(account, 'agents')
    const waiting = Array.from({ length: 40 }, () => readPage(account, 'agents', cursor, 'wait=60'))
    expect((await account.request('GET', '/v1/records/agents?limit=1')).status).toBe(200)
    await send(account, 'agents', { id: 'woken', name: 'Woken' })
    for (const page of await Promise.all(waiting)) expect(page.rows).toMatchObject([{ id: 'woken' }])
  })

  test('ends with the client, and with the server', async () => {
    let waiting = 0
    const { notices } = earshot.ports
    const watch = notices.watch.bind(notices)
    notices.watch = (accountId, wake) => {
      const unwatch = watch(accountId, wake)
      waiting++
      return () => {
        waiting--
        unwatch()
      }
    }
    const { cursor } = await readAllChanges(account, 'surveys')
    const client = new AbortController()
    const path = `${earshot.url}/v1/changes/surveys?wait=60&cursor=${cursor}`
    const asked = fetch(path, { headers: { 'X-Api-Key': account.apiKey }, signal: client.signal })
    await expect.poll(() => waiting).toBe(1)
    client.abort()
    await expect(asked).rejects.toThrow(/abort/)
    // Long before the minute is over in which it would end by itself.
    await expect.poll(() => waiting, { timeout: 40_000 }).toBe(0)
    const last = fetch(path, { headers: { 'X-Api-Key': account.apiKey } })
    await expect.poll(() => waiting).toBe(1)
    await closeServer(earshot.server)
    const { status, headers } = await last
    expect([status, headers.get('x-next-cursor')]).toEqual([200, cursor])
  })
})
