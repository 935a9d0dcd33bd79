import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openPorts } from '../../src/compose.ts'
import { loadConfig } from '../../src/config.ts'
import { collections } from '../../src/domain/collections/all.ts'
import { openLog } from '../../src/log.ts'
import { emptyWarehouse, followAll } from '../changes/follower.ts'
import { numbersOf } from '../feedCalls.ts'
import { freePorts } from '../freePorts.ts'
import { runReader } from '../kill/reader.ts'
import { runSender, type Traffic } from '../kill/sender.ts'
import { adoptPlaces, compare, readAll, sorted } from '../model/compare.ts'
import { joinModels } from '../model/joinModels.ts'
import type { RecordsModel } from '../model/recordsModel.ts'
import { createKey, scratchFolder } from '../program.ts'
import { bucketSettings, type TestAccount } from '../testApp.ts'
import { createTestDatabase, type TestDatabase } from '../testPostgres.ts'
import { clusterName, startShards, type ShardNode } from './clickhouseNodes.ts'
import { askUntil, clusterProgram, requestInTurn, type Answers, type ClusterProgram } from './programs.ts'

// Promises 1 to 5 on server engines: two shards of ClickHouse, PostgreSQL, a bucket, two programs that serve and work and one
// that only works. Shards and programs are killed while senders write, readers follow and exports run.

let scratch: Awaited<ReturnType<typeof scratchFolder>>
let database: TestDatabase
let shards: ShardNode[]
let settings: Record<string, string>
let programs: ClusterProgram[]
let servers: ClusterProgram[]

beforeAll(async () => {
  scratch = await scratchFolder()
  database = await createTestDatabase()
  shards = await startShards(scratch.path, 2)
  const { host = '', port, user, database: name = '' } = database.options
  settings = {
    ...bucketSettings(name),
    EARSHOT_DATABASE_URL: `postgres://${user}@localhost:${port}/${name}?host=${encodeURIComponent(host)}`,
    EARSHOT_CLICKHOUSE_URL: shards.map(({ url }) => `${url}/calls`).join(','),
    EARSHOT_CLICKHOUSE_CLUSTER: clusterName,
    EARSHOT_MASTER_KEY: randomBytes(32).toString('hex'),
    EARSHOT_RATE_LIMIT: '0',
    EARSHOT_MIN_FREE_BYTES: '0',
  }
  const ports = await freePorts(3)
  const address = `http://127.0.0.1:${ports[0]}`
  programs = ['api,worker', 'api,worker', 'worker'].map((roles, index) =>
    clusterProgram({
      ...settings,
      EARSHOT_DATA_DIR: join(scratch.path, `program-${index}`),
      EARSHOT_PORT: String(ports[index]),
      EARSHOT_ROLES: roles,
      EARSHOT_PUBLIC_URL: address,
    }),
  )
  servers = programs.slice(0, 2)
  await Promise.all(programs.map((program) => program.start()))
})
afterAll(async () => {
  await Promise.all(programs.map((program) => program.kill()))
  await Promise.all(shards.map((shard) => shard.kill()))
  await database.drop()
  await scratch.remove()
})

/** What goes on while things are killed: each shard once, each program once, and a shard together with a program. */
async function killInTurn(isUnavailable: () => Promise<void>): Promise<void> {
  const [first, second] = shards
  for (const away of [second, first]) {
    await wait(2500)
    await away?.kill()
    await isUnavailable()
    await wait(1000)
    await away?.start()
  }
  for (const program of programs) {
    await wait(2000)
    await program.kill()
    await wait(500)
    await program.start()
  }
  await Promise.all([second?.kill(), programs[0]?.kill()])
  await wait(500)
  await Promise.all([second?.start(), programs[0]?.start()])
  await wait(1000)
}

test('shards and programs are killed, and it keeps what it acknowledged, once', async () => {
  const { apiKey } = await createKey({ ...settings, EARSHOT_DATA_DIR: scratch.path }, 'killed')
  const answers: Answers = { unanswered: 0, unavailable: 0, wrong: [] }
  const account = {
    id: 1,
    request: requestInTurn(
      servers.map(({ url }) => url),
      apiKey,
      answers,
    ),
  }
  const traffic: Traffic & { isSettled: boolean } = {
    deleted: new Set(),
    isOver: false,
    isSettled: false,
    sent: 0,
    repeated: 0,
  }
  const senders = ['a', 'b'].map((name) => runSender(name, account.request, traffic))
  const reader = runReader(account, { watermark: async () => undefined }, traffic)
  const warehouse = emptyWarehouse()
  const follower = followAll(account, warehouse, traffic)
  const feed = followFeed(account, traffic)
  const exports = exportOver(account, traffic)
  const work = Promise.all([...senders, reader, exports])
  const list = () => account.request('GET', '/v1/records/calls?limit=1')
  await Promise.race([
    killInTurn(async () => {
      await askUntil(list, ({ status }) => status === 503, 60_000)
    }),
    work,
  ])
  traffic.isOver = true
  const models = await Promise.all(senders)
  traffic.isSettled = true
  await follower
  const fed = await feed
  const observed = await reader

  expect(answers.wrong).toEqual([])
  expect(answers.unavailable).toBeGreaterThan(0)
  expect(answers.unanswered).toBeGreaterThan(0)
  expect(observed.wrong).toEqual([])
  expect(warehouse.wrong).toEqual([])
  for (const { name } of collections) {
    const copied = [...(warehouse.tables.get(name)?.values() ?? [])]
    expect(sorted(copied), name).toEqual(sorted(await readAll(account, name, 1000)))
  }
  expect(new Set(fed).size).toBe(fed.length)
  const missing = (await readAll(account, 'calls', 1000)).filter((call) => !fed.includes(Number(call['number'])))
  expect(missing).toEqual([])
  await compareStore(account, models)
  const files = await exports
  expect(files.length).toBeGreaterThan(0)
  for (const { rowCount, lines } of files) expect(lines).toBe(rowCount)
  process.stdout.write(
    `${traffic.sent} requests, ${answers.unavailable} times 503, ${answers.unanswered} times no answer, ` +
      `${warehouse.rows} changes in ${warehouse.pages} pages, ${files.length} exports\n`,
  )
})

/** Follows the call feed page by page until all is settled and read. Gives the number of every call that came. */
async function followFeed(account: Pick<TestAccount, 'request'>, traffic: { isSettled: boolean }): Promise<number[]> {
  const numbers: number[] = []
  for (;;) {
    const isLast = traffic.isSettled
    const query = `format=json&per_page=50&afterCallId=${numbers.at(-1) ?? 0}`
    const page = await account.request('GET', `/v1/sa/call?${query}`).catch(() => undefined)
    const more = page?.status === 200 ? numbersOf(page) : []
    numbers.push(...more)
    if (isLast && page?.status === 200 && more.length === 0) return numbers
    await wait(50)
  }
}

/** Exports the calls over and over; each must end whole, whatever dies meanwhile. */
async function exportOver(
  { request }: Pick<TestAccount, 'request'>,
  traffic: Traffic,
): Promise<{ rowCount: number; lines: number }[]> {
  const files: { rowCount: number; lines: number }[] = []
  while (!traffic.isOver) {
    const body = { dataset: 'calls', format: 'ndjson', dateFrom: '2026-05-01', dateTo: '2026-06-30' }
    const key = randomBytes(8).toString('hex')
    const started = await askUntil(
      () => request('POST', '/v1/exports', body, { 'Idempotency-Key': key }),
      ({ status }) => status === 202 || status === 200,
      60_000,
    )
    const place = `/v1/exports/${started.json.data.exportId}`
    const done = await askUntil(
      () => request('GET', place),
      ({ json }) => ['completed', 'failed'].includes(json?.data.status),
      90_000,
    )
    expect(done.json.data, done.text).toMatchObject({ status: 'completed' })
    const [file] = done.json.data.files
    const { pathname, search } = new URL(file.downloadUrl)
    const { text } = await askUntil(
      () => request('GET', `${pathname}${search}`),
      ({ status }) => status === 200,
      60_000,
    )
    files.push({ rowCount: file.rowCount, lines: text.split('\n').length - 1 })
  }
  return files
}

/** Holds everything in the store against what the senders know. */
async function compareStore(account: Parameters<typeof compare>[1], models: RecordsModel[]): Promise<void> {
  const config = loadConfig({ ...settings, EARSHOT_DATA_DIR: scratch.path })
  const ports = await openPorts(config, openLog({ ...config, logLevel: 'silent' }), () => {})
  try {
    const whole = joinModels(models)
    await adoptPlaces(ports, account, whole)
    await compare(ports, account, whole, 1000)
  } finally {
    await ports.close()
  }
}
