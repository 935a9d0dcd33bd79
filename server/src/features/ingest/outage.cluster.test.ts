import { afterAll, beforeAll, expect, test } from 'vitest'
import { clusterName, startShards, type ShardNode } from '../../../test/cluster/clickhouseNodes.ts'
import { scratchFolder } from '../../../test/program.ts'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'

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

test('senders are answered in time as long as a shard is away, and what was acknowledged is there afterwards', async () => {
  expect((await account.request('POST', '/v1/ingest/calls', callsOf('before'))).status).toBe(200)
  await shards[1]?.kill()
  const kept: string[] = ['before']
  const statuses: number[] = []
  for (let round = 0; round < 8; round++) {
    const begunAt = performance.now()
    const sent = await account.request('POST', '/v1/ingest/calls', callsOf(`away${round}`))
    expect(performance.now() - begunAt).toBeLessThan(20_000)
    statuses.push(sent.status)
    if (sent.status === 200) kept.push(`away${round}`)
    else expect([sent.status, sent.headers.get('retry-after')]).toEqual([503, expect.any(String)])
  }
  expect(statuses).toContain(503)
  await shards[1]?.start()
  await expect
    .poll(async () => (await account.request('POST', '/v1/ingest/calls', callsOf('after'))).status, { timeout: 30_000 })
    .toBe(200)
  for (const round of [...kept, 'after']) {
    const found = await account.request('GET', `/v1/records/calls/${round}-7`)
    expect([round, found.status]).toEqual([round, 200])
  }
}, 240_000)
