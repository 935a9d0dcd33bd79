import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { drainServer } from '../http/server.ts'
import { openTestDatabase } from '../http/testFrame.ts'
import { healthSurface } from './routes.ts'

let earshot: TestApp
let account: TestAccount

beforeAll(async () => {
  earshot = await openTestApp({}, { isAlone: true })
  account = await earshot.account()
})
afterAll(() => earshot.close())

async function read(url = earshot.url): Promise<string> {
  return (await fetch(`${url}/metrics`)).text()
}

/** The value of one line; NaN when it is not there. */
function valueOf(text: string, line: string): number {
  const found = text.split('\n').find((entry) => entry.startsWith(`${line} `))
  return found === undefined ? Number.NaN : Number(found.slice(line.length + 1))
}

test('the figures are well-formed: described once, counters by their name, units in seconds and bytes', async () => {
  await account.request('GET', '/v1/records/calls')
  const text = await read()
  expect(text.endsWith('\n')).toBe(true)
  const kinds = new Map<string, string>()
  for (const line of text.trimEnd().split('\n')) {
    const [, word, name = '', rest = ''] = /^# (HELP|TYPE) ([a-z_]+) (.+)$/.exec(line) ?? []
    if (word === 'HELP') expect(kinds.has(name)).toBe(false)
    if (word === 'TYPE') kinds.set(name, rest)
    if (word !== undefined) continue
    const sample = /^([a-z_]+)(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? -?[\d.]+(e[+-]?\d+)?$/.exec(line)?.[1]
    expect(sample, line).toBeDefined()
    const family = [...kinds.keys()].at(-1) ?? ''
    const isPart = kinds.get(family) === 'histogram'
    expect(isPart ? sample?.replace(/_(bucket|sum|count)$/, '') : sample).toBe(family)
  }
  for (const [name, kind] of kinds) expect([name, kind === 'counter']).toEqual([name, name.endsWith('_total')])
  expect([...kinds.keys()].filter((name) => /_(ms|milliseconds|minutes|kb|mb|megabytes)$/.test(name))).toEqual([])
})

test('requests are counted by surface, method and class of status, never by path', async () => {
  const before = await read()
  await account.request('GET', '/v1/records/calls/some-secret-id')
  await account.request('GET', '/v1/records/calls')
  await account.request('GET', '/nowhere/some-secret-id')
  const after = await read()
  const grown = (line: string) => valueOf(after, line) - (valueOf(before, line) || 0)
  expect(grown('earshot_http_requests_total{surface="records",method="GET",status="4xx"}')).toBe(1)
  expect(grown('earshot_http_requests_total{surface="records",method="GET",status="2xx"}')).toBe(1)
  expect(grown('earshot_http_requests_total{surface="none",method="GET",status="4xx"}')).toBe(1)
  expect(grown('earshot_http_request_duration_seconds_count{surface="records",method="GET"}')).toBe(2)
  expect(grown('earshot_http_request_duration_seconds_bucket{surface="records",method="GET",le="+Inf"}')).toBe(2)
  expect(after).not.toContain('secret-id')
})

test('a duration counts in its own bucket and in every larger one', async () => {
  const { requestDuration } = earshot.ports.metrics
  for (const seconds of [0.001, 0.01, 0.3, 100]) requestDuration.observe({ surface: 'trial', method: 'GET' }, seconds)
  const text = await read()
  const upTo = (bound: string) =>
    valueOf(text, `earshot_http_request_duration_seconds_bucket{surface="trial",method="GET",le="${bound}"}`)
  expect(['0.005', '0.01', '0.25', '0.5', '60', '+Inf'].map(upTo)).toEqual([1, 2, 2, 3, 3, 4])
  expect(valueOf(text, 'earshot_http_request_duration_seconds_sum{surface="trial",method="GET"}')).toBeCloseTo(100.311)
})

test('ingestion is counted: records by what became of them, batches, the time of a turn', async () => {
  const before = await read()
  const call = {
    id: 'one',
    channel: 'phone',
    status: 'completed',
    startedAt: '2026-05-03T14:05:07Z',
    durationSeconds: 5,
  }
  await account.request('POST', '/v1/ingest/calls', [call, { ...call, id: 'two' }])
  await account.request('POST', '/v1/ingest/calls', [call, { ...call, id: 'two', durationSeconds: 6 }])
  await account.request('POST', '/v1/ingest/calls?dryRun=true', [{ ...call, id: 'three' }])
  const after = await read()
  const grown = (line: string) => valueOf(after, line) - (valueOf(before, line) || 0)
  const records = (result: string) => grown(`earshot_ingest_records_total{result="${result}"}`)
  expect(['created', 'updated', 'unchanged'].map(records)).toEqual([2, 1, 1])
  expect(grown('earshot_ingest_batches_total')).toBe(2)
  expect(grown('earshot_ingest_commit_duration_seconds_count')).toBe(2)
  await account.request('GET', '/v1/records/calls')
  const settled = await read()
  expect(valueOf(settled, 'earshot_ingest_open_entries')).toBe(0)
  expect(valueOf(settled, 'earshot_ingest_oldest_open_entry_seconds')).toBe(0)
})

test('jobs are counted by kind, those that wait with the time of the oldest, those that ended by how', async () => {
  const { ports } = earshot
  const runAt = ports.now() - 90_000
  await ports.jobs.enqueue(ports.postgres, { kind: 'never-done', accountId: account.id, input: {}, runAt })
  let tries = 0
  ports.jobs.define('fails-once', {
    concurrency: 1,
    maxAttempts: 2,
    run: async () => {
      if (++tries === 1) throw new Error('the first try')
    },
    giveUp: async () => {},
  })
  await ports.jobs.enqueue(ports.postgres, { kind: 'fails-once', accountId: account.id, input: {} })
  ports.jobs.start()
  const runs = async (result: string) =>
    valueOf(await read(), `earshot_job_runs_total{kind="fails-once",result="${result}"}`)
  await expect.poll(() => runs('done')).toBe(1)
  expect(await runs('retried')).toBe(1)
  const text = await read()
  expect(valueOf(text, 'earshot_jobs{kind="never-done",state="waiting"}')).toBe(1)
  expect(valueOf(text, 'earshot_jobs{kind="never-done",state="running"}')).toBe(0)
  expect(valueOf(text, 'earshot_jobs_oldest_waiting_seconds{kind="never-done"}')).toBeGreaterThanOrEqual(90)
})

test('the engines, the disk, the pool and the process tell how they are', async () => {
  const text = await read()
  for (const engine of ['postgres', 'clickhouse'])
    expect(valueOf(text, `earshot_engine_up{engine="${engine}"}`)).toBe(1)
  for (const line of [
    'process_resident_memory_bytes',
    'process_cpu_seconds_total',
    'earshot_disk_free_bytes',
    'earshot_disk_used_bytes',
    'earshot_postgres_connections_max',
    'earshot_event_loop_delay_seconds_count',
  ]) {
    expect([line, valueOf(text, line) > 0]).toEqual([line, true])
  }
  for (const name of ['node_up', 'memory_bytes', 'parts', 'disk_bytes']) {
    expect(text).toMatch(new RegExp(String.raw`^earshot_clickhouse_${name}(\{node="[^"]+"\})? [1-9]`, 'm'))
  }
  expect(valueOf(text, 'earshot_postgres_connections{state="waiting"}')).toBe(0)
  expect(text).toMatch(/^earshot_build_info\{version="[\d.]+",node="24[\d.]+",roles="api\+worker"\} 1$/m)
})

test('an engine that is away, or does not answer in time, keeps nothing else from being told', async () => {
  const database = await openTestDatabase()
  const frame = await database.openPorts()
  const { url } = await frame.serve([healthSurface])
  const before = await read(url)
  const up = (text: string) =>
    ['postgres', 'clickhouse'].map((name) => valueOf(text, `earshot_engine_up{engine="${name}"}`))
  expect(up(before)).toEqual([1, 0])
  expect([before.includes('earshot_ingest_open_entries'), before.includes('earshot_clickhouse_parts')]).toEqual([
    true,
    false,
  ])

  const { promise: held, resolve: letGo } = Promise.withResolvers<void>()
  const { max } = frame.ports.postgres.connections()
  const holding = Array.from({ length: max }, () => frame.ports.postgres.transaction(() => held))
  const answer = await fetch(`${url}/metrics`)
  const text = await answer.text()
  expect([answer.status, up(text), text.includes('earshot_ingest_open_entries')]).toEqual([200, [0, 0], false])
  expect(valueOf(text, 'earshot_postgres_connections{state="used"}')).toBe(max)
  expect(valueOf(text, 'earshot_postgres_connections{state="waiting"}')).toBe(1)
  expect(valueOf(text, 'process_resident_memory_bytes')).toBeGreaterThan(0)
  letGo()
  await Promise.all(holding)
  await expect.poll(async () => up(await read(url))).toEqual([1, 0])
  await frame.close()
  await database.close()
})

test('with a token set, the figures are for those who send it', async () => {
  const token = 'a token for the tests'
  const database = await openTestDatabase()
  const frame = await database.openPorts({ metricsToken: token })
  const { url } = await frame.serve([healthSurface])
  const statusWith = async (authorization?: string) =>
    (await fetch(`${url}/metrics`, { headers: authorization === undefined ? {} : { authorization } })).status
  expect(await Promise.all([statusWith(), statusWith('Bearer another'), statusWith(`Bearer ${token}`)])).toEqual([
    401, 401, 200,
  ])
  expect((await fetch(`${url}/health`)).status).toBe(200)
  await frame.close()
  await database.close()
})

test('it is ready once the tables are those of this version, and says what is missing until then', async () => {
  const { ports, url } = earshot
  const [removed] = await ports.postgres.query<{ store: string; number: number; name: string; sha256: string }>(sql`
    DELETE FROM migrations
    WHERE store = 'postgres'
      AND number = 1
    RETURNING store, number, name, sha256`)
  const early = await fetch(`${url}/ready`)
  expect([early.status, early.headers.get('retry-after')]).toEqual([503, '5'])
  expect(await early.json()).toEqual({
    status: 'unavailable',
    postgres: 'ok',
    clickhouse: 'ok',
    migrations: 'unavailable',
    disk: 'ok',
  })
  await ports.postgres.run(sql`
    INSERT INTO migrations (store, number, name, sha256)
    VALUES (${removed?.store}, ${removed?.number}, ${removed?.name}, ${removed?.sha256})`)
  const ready = await fetch(`${url}/ready`)
  expect([ready.status, await ready.json()]).toEqual([
    200,
    { status: 'ok', postgres: 'ok', clickhouse: 'ok', migrations: 'ok', disk: 'ok' },
  ])
})

test('while it drains it says so at /ready, answers all the same and asks for other connections', async () => {
  const database = await openTestDatabase()
  const frame = await database.openPorts()
  const { server, url } = await frame.serve([healthSurface])
  const drained = drainServer(server, 0)
  const ready = await fetch(`${url}/ready`)
  expect([ready.status, ready.headers.get('retry-after'), await ready.json()]).toEqual([
    503,
    '5',
    { status: 'stopping' },
  ])
  const health = await fetch(`${url}/health`)
  expect([health.status, health.headers.get('connection')]).toEqual([200, 'close'])
  await drained
  await frame.close()
  await database.close()
})
