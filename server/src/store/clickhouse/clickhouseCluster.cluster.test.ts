import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { clusterName, startShards, type ShardNode } from '../../../test/cluster/clickhouseNodes.ts'
import { scratchFolder } from '../../../test/program.ts'
import { createTestDatabase, type TestDatabase } from '../../../test/testPostgres.ts'
import { onEachShard } from './clickhouse.ts'
import { migratedStatement, requireReplication } from './shards.ts'
import { openClickHouse, pendingMigrations, type OpenedClickHouse } from './openClickHouse.ts'
import { openPostgres, type Postgres } from '../postgres/postgres.ts'

let scratch: Awaited<ReturnType<typeof scratchFolder>>
let shards: ShardNode[]
let database: TestDatabase
let postgres: Postgres
let opened: OpenedClickHouse

beforeAll(async () => {
  scratch = await scratchFolder()
  shards = await startShards(scratch.path, 2)
  database = await createTestDatabase()
  postgres = await openPostgres(database.options, { maxConnections: 4 })
  opened = await openClickHouse(settings())
  await opened.migrate(postgres)
})
afterAll(async () => {
  await opened.clickhouse.close()
  await postgres.close()
  await database.drop()
  await Promise.all(shards.map((shard) => shard.kill()))
  await scratch.remove()
})

function settings(urls = shards.map(({ url }) => url), clickhouseCluster = clusterName) {
  return {
    clickhouseUrls: urls.map((url) => `${url}/calls`),
    clickhouseCluster,
    clickhouseInsertQuorum: 0,
    clickhouseMemoryBytes: 0,
    dataDirectory: scratch.path,
  }
}

/** What a node holds itself. */
async function rowsOf(shard: ShardNode | undefined, table: string): Promise<number> {
  const query = encodeURIComponent(`SELECT count() FROM calls_shard.${table}`)
  return Number(await (await fetch(`${shard?.url}/?query=${query}`)).text())
}

async function insertCustomers(account: number, count = 200): Promise<void> {
  const rows = Array.from({ length: count }, (_, index) => JSON.stringify([account, `k${index}`, 1]))
  await opened.clickhouse.insert('customers', ['account_id', 'id', 'batch'], Buffer.from(rows.join('\n')))
}

async function insertCalls(account: number, batch: number, status: string, count = 200): Promise<void> {
  const calls = Array.from({ length: count }, (_, index) => [account, index + 1, `c${index}`, status, batch])
  const turns = Array.from({ length: count }, (_, index) => [account, `t${index}`, `c${index}`, 'agent', batch])
  const lines = (rows: unknown[][]) => Buffer.from(rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  const { clickhouse } = opened
  await clickhouse.insert('calls', ['account_id', 'number', 'id', 'status', 'batch'], lines(calls))
  await clickhouse.insert('turns', ['account_id', 'id', 'call_id', 'participant', 'batch'], lines(turns))
}

const count = async (query: string, account: number): Promise<number | undefined> =>
  (await opened.clickhouse.rows<{ count: number }>(query, { account }))[0]?.count

test('a call and its parts lie on one shard, and every version of a record too', async () => {
  await insertCalls(1, 1, 'active')
  await insertCalls(1, 2, 'completed')
  const held = await Promise.all(shards.map((shard) => rowsOf(shard, 'calls')))
  expect(held.reduce((sum, rows) => sum + rows, 0)).toBe(400)
  expect(Math.min(...held)).toBeGreaterThan(100)
  const completed =
    "SELECT count() AS count FROM calls FINAL WHERE account_id = {account:UInt32} AND status = 'completed'"
  expect(await count(completed, 1)).toBe(200)
})

test('a statement that follows the call is answered by each shard from its own rows, joins too', async () => {
  await insertCalls(9, 1, 'completed')
  const ofCalls = `
    SELECT count() AS count
    FROM turns FINAL
    WHERE account_id = {account:UInt32}
      AND call_id IN (SELECT id FROM calls FINAL WHERE account_id = {account:UInt32})`
  expect(await count(`${ofCalls} SETTINGS ${onEachShard}`, 9)).toBe(200)
  const joined = `
    SELECT uniqExact(call.id, turn.id) AS count
    FROM calls AS call FINAL
    INNER JOIN (SELECT id, call_id FROM turns FINAL WHERE account_id = {account:UInt32}) AS turn ON turn.call_id = call.id
    WHERE call.account_id = {account:UInt32}`
  expect(await count(`${joined} SETTINGS ${onEachShard}`, 9)).toBe(200)
  // A turn that is named by the call before it may lie on the other shard: this one does not follow the call.
  const named = ofCalls.replace('call_id IN (SELECT id', "id IN (SELECT concat('t', toString(number % 200))")
  expect(await count(named, 9)).toBe(200)
  expect(await count(`${named} SETTINGS ${onEachShard}`, 9)).toBeLessThan(200)
})

test('reference records stand on every node, where each shard joins its calls with them', async () => {
  await insertCalls(7, 1, 'completed')
  await insertCustomers(7)
  expect(await Promise.all(shards.map((shard) => rowsOf(shard, 'customers')))).toEqual([200, 200])
  const all = 'SELECT count() AS count FROM customers FINAL WHERE account_id = {account:UInt32}'
  const copies = opened.clickhouse.copiesOf('customers')
  expect(copies).toHaveLength(2)
  for (const copy of copies) expect(await copy.rows(all, { account: 7 })).toEqual([{ count: 200 }])
  expect(opened.clickhouse.copiesOf('calls')).toHaveLength(1)
  const joined = `
    SELECT count() AS count
    FROM calls FINAL
    INNER JOIN (SELECT id FROM customers FINAL WHERE account_id = {account:UInt32}) AS customer
      ON substring(customer.id, 2) = substring(calls.id, 2)
    WHERE calls.account_id = {account:UInt32}`
  for (const settings of ['', `SETTINGS ${onEachShard}`]) expect(await count(`${joined} ${settings}`, 7)).toBe(200)
  const statement = 'ALTER TABLE customers DELETE WHERE account_id = {account:UInt32} SETTINGS mutations_sync = 1'
  await opened.clickhouse.command(statement, { account: 7 }, { onEveryNode: true })
  expect(await Promise.all(shards.map((shard) => rowsOf(shard, 'customers')))).toEqual([0, 0])
})

test('a sub-query with a limit is answered over all shards', async () => {
  await insertCalls(2, 1, 'completed')
  const newest = `
    SELECT count() AS count
    FROM turns FINAL
    WHERE account_id = {account:UInt32}
      AND call_id IN (SELECT id FROM calls FINAL WHERE account_id = {account:UInt32} ORDER BY number DESC LIMIT 10)`
  expect(await count(newest, 2)).toBe(10)
})

test('rows are deleted where they lie', async () => {
  await insertCalls(3, 1, 'completed')
  const statement = `
    ALTER TABLE turns
    DELETE WHERE account_id = {account:UInt32}
    SETTINGS mutations_sync = 1`
  await opened.clickhouse.command(statement, { account: 3 }, { onEveryNode: true })
  expect(await count('SELECT count() AS count FROM turns WHERE account_id = {account:UInt32}', 3)).toBe(0)
})

test('a second start changes nothing, and another cluster or a missing node is refused', async () => {
  expect(await opened.migrate(postgres)).toEqual([])
  expect(await pendingMigrations(settings(), postgres)).toEqual([])
  const wrong = await openClickHouse(settings(undefined, 'elsewhere'))
  await expect(wrong.migrate(postgres)).rejects.toThrow(/knows no cluster elsewhere/)
  await wrong.clickhouse.close()
  const partial = await openClickHouse(settings([shards[0]?.url ?? '']))
  await expect(partial.migrate(postgres)).rejects.toThrow(/has 2 nodes; EARSHOT_CLICKHOUSE_URL must give/)
  await partial.clickhouse.close()
})

test('what a start that died left undone on a node, the next one does', async () => {
  const [, second] = shards
  const on = async (query: string) => (await fetch(`${second?.url}/`, { method: 'POST', body: query })).text()
  const columns = (database: string) => `
    SELECT table, name, type
    FROM system.columns
    WHERE database = '${database}'
    ORDER BY table, name`
  const whole = await on(columns('calls'))
  await on('DROP TABLE calls_shard.reviews SYNC')
  await on('DROP TABLE calls.turns SYNC')
  await on('ALTER TABLE calls.calls DROP COLUMN notes')
  expect(await on(columns('calls'))).not.toBe(whole)
  expect(await opened.migrate(postgres)).toEqual([])
  expect(await on(columns('calls'))).toBe(whole)
  expect(await on(columns('calls_shard'))).toBe(whole)
})

test('while a shard is away readers and writers are told so, and the start waits for nothing', async () => {
  await insertCalls(4, 1, 'completed')
  const [first] = shards
  await first?.kill()
  const all = 'SELECT count() AS count FROM calls FINAL WHERE account_id = {account:UInt32}'
  await expect(count(all, 4)).rejects.toMatchObject({ code: 'UNAVAILABLE', retryAfterSeconds: 5 })
  await expect(insertCalls(4, 2, 'completed')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  const again = await openClickHouse(settings())
  expect(await again.migrate(postgres)).toEqual([])
  await again.clickhouse.close()
  await first?.start()
  expect(await count(all, 4)).toBe(200)
})

test('a node that hangs is left for another one, and as a shard it is away', async () => {
  await insertCalls(6, 1, 'completed')
  const other = await openClickHouse(settings())
  const own = { clickhouseUrls: [`${shards[0]?.url}/system`, `${shards[1]?.url}/system`], clickhouseCluster: '' }
  const alone = await openClickHouse({ ...settings(), ...own })
  const [first] = shards
  first?.hang()
  try {
    // Of its own a node answers, whichever of the two is asked first.
    for (let ask = 0; ask < 2; ask++) expect(await alone.clickhouse.rows('SELECT 1 AS one')).toEqual([{ one: 1 }])
    const all = 'SELECT count() AS count FROM calls FINAL WHERE account_id = 6'
    await expect(other.clickhouse.rows(all)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  } finally {
    await first?.kill()
    await first?.start()
    await other.clickhouse.close()
    await alone.clickhouse.close()
  }
})

test('an answer that a node breaks off by hanging is broken off here too', async () => {
  const alone = await openClickHouse({ ...settings([shards[0]?.url ?? '']), clickhouseCluster: '' })
  const [first] = shards
  // More than fits into what lies between the two.
  const long = "SELECT repeat('x', 1000) AS text FROM numbers(100000)"
  async function readOn(): Promise<void> {
    let bytes = 0
    for await (const piece of alone.clickhouse.stream(long, 'TSV')) {
      if (bytes === 0) first?.hang()
      bytes += piece.length
    }
  }
  const begunAt = performance.now()
  try {
    await expect(readOn()).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    expect(performance.now() - begunAt).toBeLessThan(60_000)
  } finally {
    await first?.kill()
    await first?.start()
    await alone.clickhouse.close()
  }
})

test('a node that works on as many statements as there are connections is not taken for silent', async () => {
  const alone = await openClickHouse({ ...settings([shards[0]?.url ?? '']), clickhouseCluster: '' })
  const long = 'SELECT sum(sleepEachRow(1)) AS sum FROM numbers(12) SETTINGS max_block_size = 1'
  try {
    const answers = await Promise.all(Array.from({ length: 16 }, () => alone.clickhouse.rows(long)))
    expect(answers.flat()).toHaveLength(16)
  } finally {
    await alone.clickhouse.close()
  }
})

test('a node that lost its disk is refused, until it is to go on without its rows', async () => {
  await insertCalls(5, 1, 'completed')
  await insertCustomers(5)
  const [, second] = shards
  const lost = await rowsOf(second, 'calls')
  await second?.kill()
  await rm(join(scratch.path, 'shard-2', 'data'), { recursive: true, force: true })
  await second?.start()
  // Until a start gives it its tables, it is away.
  const everywhere = 'SELECT count() AS count FROM calls'
  for (const node of opened.clickhouse.nodes()) {
    await expect(node.rows(everywhere)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  }
  await expect(insertCalls(5, 1, 'completed')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  await expect(opened.migrate(postgres)).rejects.toThrow(/has lost its database calls_shard; is its disk there\?/)
  await fetch(`${second?.url}/`, { method: 'POST', body: 'CREATE DATABASE calls_shard' })
  // What an earlier start left when it died on the way.
  const begun = 'CREATE TABLE calls_shard.unfinished_customers (id String) ENGINE = MergeTree ORDER BY id'
  await fetch(`${second?.url}/`, { method: 'POST', body: begun })
  expect(await opened.migrate(postgres)).toEqual([])
  expect(await Promise.all(shards.map((shard) => rowsOf(shard, 'customers')))).toEqual([200, 200])
  const left = await count(everywhere, 5)
  expect(left).toBe(await rowsOf(shards[0], 'calls'))
  expect(lost).toBeGreaterThan(0)
  await insertCalls(5, 1, 'completed')
  expect(await count('SELECT count() AS count FROM calls FINAL WHERE account_id = {account:UInt32}', 5)).toBe(200)
})

test('with a keeper tables are replicated within their shard', () => {
  const sharding = { cluster: clusterName, isReplicated: true, replicas: 2 }
  expect(migratedStatement('CREATE TABLE a (b UInt8)\nENGINE = ReplacingMergeTree(batch)\nORDER BY b', sharding)).toBe(
    "CREATE TABLE a (b UInt8)\nENGINE = ReplicatedReplacingMergeTree('/earshot/{shard}/{database}/{table}', '{replica}', batch)\nORDER BY b",
  )
  expect(migratedStatement('CREATE TABLE a (b UInt8)\nENGINE = MergeTree\nORDER BY b', sharding)).toBe(
    "CREATE TABLE a (b UInt8)\nENGINE = ReplicatedMergeTree('/earshot/{shard}/{database}/{table}', '{replica}')\nORDER BY b",
  )
  expect(migratedStatement('ALTER TABLE a ADD COLUMN c UInt8', sharding)).toBe('ALTER TABLE a ADD COLUMN c UInt8')
})

test('replicas without a keeper or without a quorum are refused', () => {
  const sharding = { cluster: clusterName, isReplicated: true, replicas: 3 }
  expect(() => requireReplication({ ...sharding, isReplicated: false }, 2)).toThrow(/know no keeper/)
  for (const quorum of [0, 2, 4]) expect(() => requireReplication(sharding, quorum)).toThrow(/must be 3 too/)
  requireReplication(sharding, 3)
  requireReplication({ cluster: clusterName, isReplicated: false, replicas: 1 }, 0)
})
