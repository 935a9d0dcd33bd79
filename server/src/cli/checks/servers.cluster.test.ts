import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { clusterName } from '../../../test/cluster/clickhouseNodes.ts'
import { createTestDatabase, type TestDatabase } from '../../../test/testPostgres.ts'
import { openClickHouseServers } from '../../store/clickhouse/openClickHouse.ts'
import { openPostgres, sql, type Postgres } from '../../store/postgres/postgres.ts'
import { describeFailure } from '../failure.ts'
import { checkServers } from './servers.ts'

const urls = inject('clusterUrls') ?? []
let database: TestDatabase
let postgres: Postgres
/** The name of its databases on the nodes. */
let name: string

beforeAll(async () => {
  database = await createTestDatabase()
  postgres = await openPostgres(database.options, { maxConnections: 4 })
  name = `doctor_${database.options.database}`
  expect(urls).toHaveLength(2)
})
afterAll(async () => {
  for (const url of urls)
    for (const end of ['', '_shard', '_single']) await on(url, `DROP DATABASE IF EXISTS ${name}${end}`)
  await postgres.close()
  await database.drop()
})

async function on(url: string, statement: string): Promise<string> {
  return (await fetch(`${url}/`, { method: 'POST', body: statement })).text()
}

function settings(more: { urls?: string[]; cluster?: string; database?: string } = {}) {
  return {
    clickhouseUrls: (more.urls ?? urls).map((url) => `${url}/${more.database ?? name}`),
    clickhouseCluster: more.cluster ?? clusterName,
    clickhouseInsertQuorum: 0,
  }
}

/** The output of the doctor, a line for each check. */
async function found(of: ReturnType<typeof settings>): Promise<string[]> {
  const findings = await checkServers(of, { postgres })
  return findings.map(({ check, state, found: text }) => `${state} ${check} ${text}`)
}

async function migrate(of: ReturnType<typeof settings>): Promise<void> {
  const { clickhouse, migrate: apply } = openClickHouseServers(of)
  try {
    await apply(postgres)
  } finally {
    await clickhouse.close()
  }
}

async function storesRecorded(): Promise<string[]> {
  const rows = await postgres.query<{ store: string }>(sql`SELECT DISTINCT store FROM migrations ORDER BY store`)
  return rows.map(({ store }) => store)
}

const first = urls.slice(0, 1)
const withPassword = (url: string): string => url.replace('http://', 'http://default:wrong@')

test('servers before the first start are well, though they have no database yet', async () => {
  expect(await found(settings())).toEqual([
    ...urls.map(() => expect.stringMatching(/^ok ClickHouse .* answers, .* has no database doctor_\w+_shard yet$/)),
    `ok cluster ${clusterName}: 2 nodes, 1 replica a shard`,
  ])
})

test('a wrong password is named by its setting, in one line', async () => {
  const wrong = settings({ urls: urls.map(withPassword) })
  const line = /ClickHouse refuses the user or the password; check both in EARSHOT_CLICKHOUSE_URL\.$/
  expect(await found(wrong)).toEqual(urls.map(() => expect.stringMatching(line)))
  const refusal: unknown = await migrate(wrong).catch((error: unknown) => error)
  expect(describeFailure(refusal)).toMatch(line)
  expect(describeFailure(refusal)).not.toContain('\n')
})

test('a node that is not there is found, and one that says nothing', async () => {
  const silent = createServer(() => {})
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const { port } = silent.address() as { port: number }
  const others = ['http://127.0.0.1:9', `http://127.0.0.1:${port}`]
  expect(await found(settings({ urls: [...first, ...others] }))).toEqual([
    expect.stringMatching(/^ok ClickHouse/),
    expect.stringMatching(/^fail ClickHouse 127\.0\.0\.1:9\/.* does not answer \(connect ECONNREFUSED/),
    expect.stringMatching(/^fail ClickHouse .* says nothing for 5 seconds$/),
  ])
  silent.close()
})

test('a wrong cluster is found, and one of which a node is not named', async () => {
  const wrong = await found(settings({ cluster: 'elsewhere' }))
  expect(wrong.at(-1)).toMatch(/^fail cluster .* knows no cluster elsewhere; EARSHOT_CLICKHOUSE_CLUSTER must/)
  const partial = await found(settings({ urls: first }))
  expect(partial.at(-1)).toMatch(/^fail cluster .* has 2 nodes; EARSHOT_CLICKHOUSE_URL must give/)
})

test('different databases are refused', async () => {
  const [one = '', other = ''] = settings().clickhouseUrls
  const different = { ...settings(), clickhouseUrls: [one, `${other}_more`] }
  await expect(migrate(different)).rejects.toThrow(/must be the same one on every node/)
})

test('the database of a single server is refused to a cluster, and keeps its rows', async () => {
  const single = { database: `${name}_single` }
  const [url = ''] = urls
  await on(url, `CREATE DATABASE ${name}_single`)
  await on(url, `CREATE TABLE ${name}_single.calls ENGINE = MergeTree ORDER BY id AS SELECT 'c1' AS id`)
  const before = await storesRecorded()
  await expect(migrate(settings(single))).rejects.toThrow(/is a single server's: its rows would be lost to a cluster/)
  expect((await found(settings(single))).at(-1)).toMatch(/^fail cluster .* is a single server's/)
  expect(await storesRecorded()).toEqual(before)
  expect(await on(url, `SELECT id FROM ${name}_single.calls`)).toBe('c1\n')
})

describe('once it is set up', () => {
  beforeAll(() => migrate(settings()))

  test('all is well', async () => {
    expect(await found(settings())).toEqual([
      ...urls.map(() => expect.stringMatching(/^ok ClickHouse .* are free$/)),
      `ok cluster ${clusterName}: 2 nodes, 1 replica a shard`,
    ])
  })

  test('one of its nodes is refused as a single server, before anything is recorded', async () => {
    const alone = settings({ urls: first, cluster: '' })
    const before = await storesRecorded()
    const right = new RegExp(`is one of the cluster ${clusterName}; set EARSHOT_CLICKHOUSE_CLUSTER to ${clusterName}`)
    await expect(migrate(alone)).rejects.toThrow(right)
    expect((await found(alone)).at(-1)).toMatch(right)
    expect(await storesRecorded()).toEqual(before)
  })

  test('a node that lost its database is found', async () => {
    await on(urls[1] ?? '', `DROP DATABASE ${name}_shard SYNC`)
    const findings = await found(settings())
    expect(findings.at(-1)).toMatch(/^fail cluster .* has lost its database doctor_\w+_shard; is its disk there\?/)
  })
})
