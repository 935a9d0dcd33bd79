import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../test/testPostgres.ts'
import { loadConfig } from '../../config.ts'
import { openLog } from '../../log.ts'
import { openPostgres, sql, type Postgres } from '../../store/postgres/postgres.ts'
import { openChangeNotices } from './changeNotices.ts'
import type { ChangeNotices } from '../../ports.ts'

let database: TestDatabase
let stores: Postgres[]
let notices: ChangeNotices[]

beforeAll(async () => {
  database = await createTestDatabase()
  const open = () => openPostgres(database.options, { maxConnections: 2 })
  stores = [await open(), await open()]
  // Servers, so that other processes are told; nothing of them but PostgreSQL is asked here.
  const config = loadConfig({
    EARSHOT_CLICKHOUSE_URL: 'http://127.0.0.1:1/none',
    EARSHOT_DATABASE_URL: 'postgres://none@127.0.0.1:1/none',
    EARSHOT_LOG_LEVEL: 'silent',
  })
  notices = await Promise.all(stores.map((each) => openChangeNotices({ config, postgres: each, log: openLog(config) })))
})
afterAll(async () => {
  for (const each of notices) await each.close()
  for (const each of stores) await each.close()
  await database.drop()
})

/** Resolves when an account's notice has come in a process; of accounts that no table knows, looking finds nothing. */
function nextNotice(process: number, accountId: number): Promise<void> {
  return new Promise((resolve) => {
    const unwatch = notices[process]?.watch(accountId, () => {
      unwatch?.()
      resolve()
    })
  })
}

test('a notice comes at once in the process itself, and in others without their looking for themselves', async () => {
  const calls: number[] = []
  const unwatch = notices[0]?.watch(7, () => calls.push(7))
  const far = nextNotice(1, 7)
  notices[0]?.announce(7)
  expect(calls).toEqual([7])
  await far
  unwatch?.()
  notices[0]?.announce(7)
  expect(calls).toEqual([7])
})

test('many at once are told of all accounts', async () => {
  const all = Array.from({ length: 1200 }, (_, index) => nextNotice(1, index + 1))
  for (let accountId = 1; accountId <= 1200; accountId++) notices[0]?.announce(accountId)
  await Promise.all(all)
})

test('what was not told, because its process died, is found by looking', async () => {
  const postgres = stores[0]
  const id = 7000
  await postgres?.run(sql`
    INSERT INTO ingest_accounts (account_id, last_seq)
    VALUES (${id}, 1)`)
  let told = 0
  const unwatch = notices[1]?.watch(id, () => told++)
  await expect.poll(() => told).toBe(1)
  await postgres?.run(sql`
    UPDATE ingest_accounts
    SET last_seq = 2
    WHERE account_id = ${id}`)
  await expect.poll(() => told).toBe(2)
  unwatch?.()
})
