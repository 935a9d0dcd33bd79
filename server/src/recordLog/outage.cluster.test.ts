import { afterAll, beforeAll, expect, test } from 'vitest'
import { clusterName, startShards, type ShardNode } from '../../test/cluster/clickhouseNodes.ts'
import { scratchFolder } from '../../test/program.ts'
import { openTestApp, type TestAccount, type TestApp } from '../../test/testApp.ts'

// Two programs on a cluster of its own, of which a shard stays away for longer than anybody waits.

let scratch: Awaited<ReturnType<typeof scratchFolder>>
let shards: ShardNode[]
let earshot: TestApp
let account: TestAccount

beforeAll(async () => {
  scratch = await scratchFolder()
  shards = await startShards(scratch.path, 2)
  earshot = await openTestApp({
    EARSHOT_CLICKHOUSE_URL: shards.map(({ url }) => `${url}/outage`).join(','),
    EARSHOT_CLICKHOUSE_CLUSTER: clusterName,
  })
  account = await earshot.account()
})
afterAll(async () => {
  await earshot.close()
  await Promise.all(shards.map((shard) => shard.kill()))
  await scratch.remove()
})

const callsOf = (round: string) =>
  Array.from({ length: 20 }, (_, index) => ({
    id: `${round}-${index}`,
    channel: 'phone',
    status: 'completed',
    startedAt: '2026-05-03T14:05:07Z',
    durationSeconds: 60,
  }))

test('while a shard is away every surface says 503 in its own envelope, and when to ask again', async () => {
  expect((await account.request('POST', '/v1/ingest/calls', callsOf('read'))).status).toBe(200)
  const days = 'dateFrom=2026-05-03&dateTo=2026-05-03'
  const asked = [
    ['GET', '/v1/records/calls'],
    ['GET', '/v1/records/calls/read-1'],
    ['GET', '/v1/changes/calls'],
    ['GET', '/v1/changes/calls?format=parquet'],
    ['GET', '/v1/sa/call'],
    ['GET', '/v1/sa/call?format=json&consecutive=true'],
    ['GET', '/api/v1/calls'],
    ['GET', '/api/v1/calls?search=hola'],
    ['GET', '/api/v1/calls/read-1'],
    ['GET', '/api/v1/calls/read-1/transcript'],
    ['GET', '/api/v1/calls/read-1/recording'],
    ['GET', `/v1/analytics/summary?${days}`],
    ['GET', `/v1/analytics/trends?${days}`],
    ['GET', `/v1/analytics/campaigns?${days}`],
    ['GET', '/v1/admin/ingestion'],
    ['GET', '/v1/admin/feed/blocked'],
    ['DELETE', '/v1/ingest/calls/read-1'],
  ] as const
  await shards[0]?.kill()
  try {
    const answers = await Promise.all(asked.map(([method, path]) => account.request(method, path)))
    for (const [index, { status, headers, text }] of answers.entries()) {
      expect([asked[index], status, text]).toEqual([
        asked[index],
        503,
        expect.stringMatching(/"error":.*try again later/),
      ])
      expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
    }
    const figures = (await account.request('GET', '/metrics')).text
    const nodes = shards.map(({ url }) => new URL(url).host.replaceAll('.', String.raw`\.`))
    for (const [index, node] of nodes.entries()) {
      expect(figures).toMatch(new RegExp(`^earshot_clickhouse_node_up\\{node=".*${node}.*"\\} ${index}$`, 'm'))
    }
  } finally {
    await shards[0]?.start()
  }
})

test('once a shard is known to be away all are told so at once, and all works at once when it is back', async () => {
  const alone = await openTestApp(
    {
      EARSHOT_CLICKHOUSE_URL: shards.map(({ url }) => `${url}/known`).join(','),
      EARSHOT_CLICKHOUSE_CLUSTER: clusterName,
    },
    { isAlone: true },
  )
  const sender = await alone.account()
  const read = () => sender.request('GET', '/v1/records/calls/held-7')
  const send = (round: string) => sender.request('POST', '/v1/ingest/calls', callsOf(round))
  try {
    // The shard is gone before this is inserted, which is told afterwards only.
    expect((await send('held')).status).toBe(200)
    await shards[1]?.kill()
    expect((await read()).status).toBe(503)
    for (const ask of [read, read, read, () => send('more'), read]) {
      const begunAt = performance.now()
      const { status, headers } = await ask()
      expect([status, headers.get('retry-after')]).toEqual([503, '5'])
      expect(performance.now() - begunAt).toBeLessThan(9000)
    }
  } finally {
    await shards[1]?.start()
  }
  await expect.poll(async () => (await read()).status, { interval: 100 }).toBe(200)
  await alone.close()
})

test('senders are answered in time as long as a shard is away, and what was acknowledged is there afterwards', async () => {
  expect((await account.request('POST', '/v1/ingest/calls', callsOf('before'))).status).toBe(200)
  await shards[1]?.kill()
  const kept: string[] = ['before']
  const statuses: number[] = []
  for (let round = 0; round < 4; round++) {
    const begunAt = performance.now()
    const sent = await account.request('POST', '/v1/ingest/calls', callsOf(`away${round}`))
    expect(performance.now() - begunAt).toBeLessThan(30_000)
    statuses.push(sent.status)
    if (sent.status === 200) kept.push(`away${round}`)
    else expect([sent.status, sent.headers.get('retry-after')]).toEqual([503, expect.any(String)])
  }
  expect(statuses).toContain(503)
  await shards[1]?.start()
  await expect.poll(async () => (await account.request('POST', '/v1/ingest/calls', callsOf('after'))).status).toBe(200)
  for (const round of [...kept, 'after']) {
    const found = await account.request('GET', `/v1/records/calls/${round}-7`)
    expect([round, found.status]).toEqual([round, 200])
  }
})
