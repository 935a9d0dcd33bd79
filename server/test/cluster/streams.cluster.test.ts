import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readAllChanges } from '../changes/follow.ts'
import { callOf, turnOf } from '../changes/sent.ts'
import { changesOf, openStream, type StreamReader } from '../changes/streamReader.ts'
import { freePorts } from '../freePorts.ts'
import type { Json } from '../model/recordsModel.ts'
import { createKey, scratchFolder } from '../program.ts'
import { bucketSettings } from '../testApp.ts'
import { createTestDatabase, type TestDatabase } from '../testPostgres.ts'
import { clusterName, startShards, type ShardNode } from './clickhouseNodes.ts'
import { askUntil, clusterProgram, requestInTurn, type Answers, type ClusterProgram } from './programs.ts'

// A live stream over two programs on two shards: told of what the other program takes in, ended by kill -9, opened again at
// the other, silent while a shard is away.

let scratch: Awaited<ReturnType<typeof scratchFolder>>
let database: TestDatabase
let shards: ShardNode[]
let programs: ClusterProgram[]
let apiKey: string

beforeAll(async () => {
  scratch = await scratchFolder()
  database = await createTestDatabase()
  shards = await startShards(scratch.path, 2)
  const { host = '', port, user, database: name = '' } = database.options
  const settings = {
    ...bucketSettings(name),
    EARSHOT_DATABASE_URL: `postgres://${user}@localhost:${port}/${name}?host=${encodeURIComponent(host)}`,
    EARSHOT_CLICKHOUSE_URL: shards.map(({ url }) => `${url}/calls`).join(','),
    EARSHOT_CLICKHOUSE_CLUSTER: clusterName,
    EARSHOT_MASTER_KEY: randomBytes(32).toString('hex'),
    EARSHOT_RATE_LIMIT: '0',
    EARSHOT_MIN_FREE_BYTES: '0',
  }
  const ports = await freePorts(2)
  programs = ports.map((port, index) =>
    clusterProgram({
      ...settings,
      EARSHOT_DATA_DIR: join(scratch.path, `program-${index}`),
      EARSHOT_PORT: String(port),
      EARSHOT_PUBLIC_URL: `http://127.0.0.1:${ports[0]}`,
    }),
  )
  await Promise.all(programs.map((program) => program.start()))
  apiKey = (await createKey({ ...settings, EARSHOT_DATA_DIR: scratch.path }, 'streams')).apiKey
})
afterAll(async () => {
  await Promise.all(programs.map((program) => program.kill()))
  await Promise.all(shards.map((shard) => shard.kill()))
  await database.drop()
  await scratch.remove()
})

interface Followed {
  told: Json[]
  reconnects: number
  isOver: boolean
}

/** Follows at one program; when the stream breaks, goes on at the next with the last id, as an EventSource behind a balancer. */
async function followOn(followed: Followed): Promise<void> {
  let lastEventId = ''
  for (let index = 0; !followed.isOver; index++) {
    const url = programs[index % programs.length]?.url ?? ''
    const opened = await openStream(url, { 'X-Api-Key': apiKey }, 'collections=calls,turns', lastEventId).catch(
      () => undefined,
    )
    if (opened?.status !== 200) {
      await wait(50)
      continue
    }
    await takeAll(opened, followed)
    lastEventId = opened.lastEventId()
    followed.reconnects++
  }
}

async function takeAll(stream: StreamReader, followed: Followed): Promise<void> {
  let isOpen = true
  void stream.ended.then(() => (isOpen = false))
  for (let taken = 0, isLast = false; !isLast; await wait(5)) {
    isLast = !isOpen || followed.isOver
    const changes = changesOf(stream.events)
    followed.told.push(...changes.slice(taken).map(({ data }) => data))
    taken = changes.length
  }
  stream.close()
}

test('a stream goes on over programs and shards that die, and misses nothing', async () => {
  const answers: Answers = { unanswered: 0, unavailable: 0, wrong: [] }
  const [first, second] = programs
  const send = (urls: (string | undefined)[]) =>
    requestInTurn(
      urls.flatMap((url) => url ?? []),
      apiKey,
      answers,
    )
  const sendOn = async (urls: (string | undefined)[], collection: string, record: Json): Promise<void> => {
    const ask = send(urls)
    await askUntil(
      () => ask('POST', `/v1/ingest/${collection}`, record),
      ({ status }) => status === 200,
      180_000,
    )
  }
  const followed: Followed = { told: [], reconnects: 0, isOver: false }
  const following = followOn(followed)
  const has = (id: string): boolean => followed.told.some((row) => row['id'] === id)
  const until = async (isSo: () => boolean): Promise<void> => {
    for (const deadline = Date.now() + 180_000; !isSo(); await wait(5))
      if (Date.now() > deadline) throw new Error('late')
  }

  await sendOn([second?.url], 'calls', callOf('warm'))
  await until(() => has('warm'))
  const delays: number[] = []
  for (let index = 0; index < 5; index++) {
    await sendOn([second?.url], 'calls', callOf(`far${index}`))
    const began = performance.now()
    await until(() => has(`far${index}`))
    delays.push(performance.now() - began)
  }

  const traffic = { isOver: false, rounds: 0 }
  const senders = ['a', 'b', 'c', 'd'].map(async (name) => {
    for (let index = 0; !traffic.isOver; index++) {
      await sendOn([first?.url, second?.url], 'calls', callOf(`${name}${index}`))
      await sendOn([second?.url, first?.url], 'turns', turnOf(`t-${name}${index}`, `${name}${index}`))
      traffic.rounds++
    }
  })
  await until(() => traffic.rounds >= 12)
  await first?.kill()
  await wait(1500)
  await first?.start()
  await shards[1]?.kill()
  await wait(2500)
  await shards[1]?.start()
  await wait(1000)
  await second?.kill()
  await wait(500)
  await second?.start()
  traffic.isOver = true
  await Promise.all(senders)
  await sendOn([first?.url], 'calls', callOf('last'))
  await until(() => has('last'))
  followed.isOver = true
  await following

  expect(followed.reconnects).toBeGreaterThanOrEqual(2)
  const ask = send([first?.url, second?.url])
  for (const name of ['calls', 'turns']) {
    const { rows } = await readAllChanges({ request: ask }, name, { query: 'limit=1000' })
    const told = new Map(followed.told.map((row) => [`${String(row['id'])} ${String(row['sequence'])}`, row]))
    const missing = rows.filter((row) => !told.has(`${String(row['id'])} ${String(row['sequence'])}`))
    expect(missing, name).toEqual([])
    expect(rows.length).toBeGreaterThan(10)
  }
  process.stdout.write(
    `${followed.told.length} events over ${followed.reconnects + 1} streams, from the other program after ` +
      `${delays.map((ms) => Math.round(ms)).join(', ')} ms\n`,
  )
})
