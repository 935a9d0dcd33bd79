import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../test/testPostgres.ts'
import { migrateClickHouse, migratePostgres, statementsOf } from './migrate.ts'
import { openPostgres, sql, type Postgres } from './postgres/postgres.ts'

let database: TestDatabase
let postgres: Postgres
let folder: string

beforeEach(async () => {
  database = await createTestDatabase()
  postgres = await openPostgres(database.options, { maxConnections: 8 })
  await postgres.run(sql`TRUNCATE migrations`)
  folder = await mkdtemp(join(tmpdir(), 'earshot-migrate-'))
})

afterEach(async () => {
  await postgres.close()
  await database.drop()
  await rm(folder, { recursive: true })
})

const put = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text)

test('applies each file once, in order', async () => {
  await put('0002_more.sql', 'ALTER TABLE apples ADD colour text;')
  await put('0001_apples.sql', 'CREATE TABLE apples (id integer);\nCREATE TABLE pears (id integer);')
  expect(await migratePostgres(postgres, folder)).toEqual(['0001_apples', '0002_more'])
  expect(await migratePostgres(postgres, folder)).toEqual([])
  await put('0003_last.sql', 'DROP TABLE pears;')
  expect(await migratePostgres(postgres, folder)).toEqual(['0003_last'])
})

test('a file that fails leaves nothing of itself and keeps those before it', async () => {
  await put('0001_apples.sql', 'CREATE TABLE apples (id integer);')
  await put('0002_broken.sql', 'CREATE TABLE pears (id integer); SELECT nothing_like_this;')
  await expect(migratePostgres(postgres, folder)).rejects.toThrow('nothing_like_this')
  expect(await postgres.first(sql`SELECT to_regclass('apples') AS apples, to_regclass('pears') AS pears`)).toEqual({
    apples: 'apples',
    pears: null,
  })
  await put('0002_broken.sql', 'CREATE TABLE pears (id integer);')
  expect(await migratePostgres(postgres, folder)).toEqual(['0002_broken'])
})

test('a file that was changed after it was applied is refused; other line ends are no change', async () => {
  await put('0001_apples.sql', 'CREATE TABLE apples (\n  id integer\n);')
  await migratePostgres(postgres, folder)
  await put('0001_apples.sql', 'CREATE TABLE apples (\r\n  id integer\r\n);')
  expect(await migratePostgres(postgres, folder)).toEqual([])
  await put('0001_apples.sql', 'CREATE TABLE apples (id bigint);')
  await expect(migratePostgres(postgres, folder)).rejects.toThrow(/0001_apples .*was changed/)
})

test('a database of a newer version, a late number and a number given twice are refused', async () => {
  await put('0001_apples.sql', 'CREATE TABLE apples (id integer);')
  await put('0003_pears.sql', 'CREATE TABLE pears (id integer);')
  await migratePostgres(postgres, folder)
  await put('0002_late.sql', 'CREATE TABLE plums (id integer);')
  await expect(migratePostgres(postgres, folder)).rejects.toThrow(/0002_late .*above 3/)
  await put('0003_twice.sql', 'SELECT 1;')
  await expect(migratePostgres(postgres, folder)).rejects.toThrow('Two migrations')
  await Promise.all(['0002_late.sql', '0003_twice.sql', '0003_pears.sql'].map((name) => rm(join(folder, name))))
  await expect(migratePostgres(postgres, folder)).rejects.toThrow(/0003_pears, which this version .* newer/)
})

test('two processes at once apply each file once', async () => {
  await put('0001_apples.sql', 'CREATE TABLE apples (id integer); SELECT pg_sleep(0.1);')
  await put('0002_pears.sql', 'CREATE TABLE pears (id integer);')
  await postgres.run(sql`DROP TABLE migrations`)
  const other = await openPostgres(database.options, { maxConnections: 2 })
  const applied = await Promise.all([migratePostgres(postgres, folder), migratePostgres(other, folder)])
  await other.close()
  expect(applied.flat().sort()).toEqual(['0001_apples', '0002_pears'])
})

test('ClickHouse: runs statement by statement, repeats a migration that was cut off, one store at a time', async () => {
  await put('0001_calls.sql', '-- calls; all of them;\nCREATE TABLE IF NOT EXISTS calls (a String);\n\nSELECT 2;\n')
  const seen: string[] = []
  let broken = true
  const clickhouse = {
    command: async (statement: string) => {
      if (broken && statement === 'SELECT 2') throw new Error('gone')
      seen.push(statement)
    },
  }
  await expect(migrateClickHouse(postgres, clickhouse, { folder })).rejects.toThrow('gone')
  broken = false
  expect(await migrateClickHouse(postgres, clickhouse, { folder })).toEqual(['0001_calls'])
  const create = 'CREATE TABLE IF NOT EXISTS calls (a String)'
  expect(seen).toEqual([create, create, 'SELECT 2'])
  expect(await migrateClickHouse(postgres, clickhouse, { folder })).toEqual([])
  expect(await migrateClickHouse(postgres, clickhouse, { folder, store: 'clickhouse 2' })).toEqual(['0001_calls'])
})

test('statements end with a semicolon at the end of a line only', () => {
  expect(statementsOf(`SELECT 'a;b',\n  ';' AS c;  \n  -- none;\nSELECT 2`)).toEqual([
    `SELECT 'a;b',\n  ';' AS c`,
    'SELECT 2',
  ])
})
