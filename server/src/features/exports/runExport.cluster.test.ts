import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { clusterName, startShards, type ShardNode } from '../../../test/cluster/clickhouseNodes.ts'
import { scratchFolder } from '../../../test/program.ts'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'
import { runExport } from './runExport.ts'

// A cluster of its own, of which the node dies that holds what an export has selected.

let scratch: Awaited<ReturnType<typeof scratchFolder>>
let shards: ShardNode[]
let earshot: TestApp
let account: TestAccount

beforeAll(async () => {
  scratch = await scratchFolder()
  shards = await startShards(scratch.path, 2)
  earshot = await openTestApp({
    EARSHOT_CLICKHOUSE_URL: shards.map(({ url }) => `${url}/selections`).join(','),
    EARSHOT_CLICKHOUSE_CLUSTER: clusterName,
  })
  account = await earshot.account()
})
afterAll(async () => {
  await earshot.close()
  await Promise.all(shards.map((shard) => shard.kill()))
  await scratch.remove()
})

test('an export whose node goes away with its selection waits for the store, and is made when that is back', async () => {
  const calls = Array.from({ length: 50 }, (_, index) => ({
    id: `c${index}`,
    channel: 'phone',
    status: 'completed',
    startedAt: '2026-05-03T14:05:07Z',
    durationSeconds: 60,
  }))
  expect((await account.request('POST', '/v1/ingest/calls', calls)).status).toBe(200)
  const range = { dateFrom: '2026-05-01', dateTo: '2026-05-31' }
  const started = await account.request('POST', '/v1/exports', { dataset: 'calls', ...range })
  const { exportId } = started.json.data
  const { signal } = new AbortController()
  const held = (attempt: number) => ({
    id: randomUUID(),
    kind: 'export',
    accountId: account.id,
    input: { exportId },
    attempt,
    signal,
  })
  const { clickhouse, files } = earshot.ports
  let lost: ShardNode | undefined
  const dying = {
    ...earshot.ports,
    files: {
      ...files,
      /** The selection is taken, and not read yet. */
      async put(...given: Parameters<typeof files.put>) {
        const selections = await Promise.all(
          clickhouse.nodes().map((node) => node.rows(`SELECT 1 FROM system.tables WHERE name = 'selection_0'`)),
        )
        lost = shards[selections.findIndex((held) => held.length > 0)]
        await lost?.kill()
        return files.put(...given)
      },
    },
  }
  // What is UNAVAILABLE counts as no failed try.
  await expect(runExport(dying, held(1))).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  expect(lost).toBeDefined()
  await lost?.start()
  let attempt = 1
  const again = () => runExport(earshot.ports, held(++attempt)).then(() => 'made', String)
  await expect.poll(again).toBe('made')
  const { data } = (await account.request('GET', `/v1/exports/${exportId}`)).json
  expect(data).toMatchObject({ status: 'completed', rowCount: 50 })
})
