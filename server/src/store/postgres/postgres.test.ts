import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../test/testPostgres.ts'
import { openPostgres, sql, sqlScript, type Postgres } from './postgres.ts'

let database: TestDatabase
let postgres: Postgres

beforeAll(async () => {
  database = await createTestDatabase()
  postgres = await openPostgres(database.options, { maxConnections: 4 })
  await postgres.run(sql`CREATE TABLE notes (id integer PRIMARY KEY, body text)`)
})

afterAll(async () => {
  await postgres.close()
  await database.drop()
})

describe('statements', () => {
  test('bind every value and number those of nested fragments', async () => {
    const condition = sql`body = ${`'; DROP TABLE notes; --`}`
    const statement = sql`SELECT ${1}::integer AS one WHERE ${2}::integer = 2 AND ${'x'} = 'x' OR ${condition} IS NULL`
    expect(statement.text).toContain('$3')
    const both = sql`SELECT count(*) AS notes FROM notes WHERE id = ${7} OR ${condition}`
    expect(both.values).toEqual([7, `'; DROP TABLE notes; --`])
    expect(await postgres.first(both)).toEqual({ notes: 0 })
  })

  test('give rows, the first row, and the number of touched rows', async () => {
    expect(await postgres.run(sql`INSERT INTO notes VALUES (${1}, ${'a'}), (${2}, ${'b'})`)).toBe(2)
    expect(await postgres.query(sql`SELECT id FROM notes ORDER BY id`)).toEqual([{ id: 1 }, { id: 2 }])
    expect(await postgres.first(sql`SELECT id FROM notes WHERE id = ${3}`)).toBeUndefined()
  })

  test('run a script of several statements', async () => {
    await postgres.run(sqlScript('CREATE TABLE first (id integer); CREATE TABLE second (id integer);'))
    expect(await postgres.query(sql`SELECT id FROM second`)).toEqual([])
  })
})

describe('transaction', () => {
  test('keeps what it did when it returns, nothing when it throws', async () => {
    const kept = await postgres.transaction(async (tx) => {
      await tx.run(sql`INSERT INTO notes VALUES (${10}, 'kept')`)
      return 'done'
    })
    expect(kept).toBe('done')
    const failing = postgres.transaction(async (tx) => {
      await tx.run(sql`INSERT INTO notes VALUES (${11}, 'lost')`)
      throw new Error('on purpose')
    })
    await expect(failing).rejects.toThrow('on purpose')
    expect(await postgres.query(sql`SELECT id FROM notes WHERE id >= 10`)).toEqual([{ id: 10 }])
  })

  test('whose connection breaks fails, and leaves a pool that works', async () => {
    const broken = postgres.transaction(async (tx) => {
      const me = await tx.first<{ pid: number }>(sql`SELECT pg_backend_pid() AS pid`)
      await postgres.run(sql`SELECT pg_terminate_backend(${me?.pid})`)
      await pause(50)
      await tx.run(sql`SELECT 1`)
    })
    await expect(broken).rejects.toMatchObject({ code: 'UNAVAILABLE', retryAfterSeconds: 5 })
    expect(await postgres.first(sql`SELECT 1 AS one`)).toEqual({ one: 1 })
  })
})

describe('broken connections', () => {
  test('end a statement with the word that the database is away', async () => {
    const broken = postgres.run(sql`SELECT pg_terminate_backend(pg_backend_pid())`)
    await expect(broken).rejects.toMatchObject({ code: 'UNAVAILABLE', retryAfterSeconds: 5 })
    await expect(postgres.run(sql`SELECT ${'x'}::integer`)).rejects.toMatchObject({ code: '22P02' })
  })

  test('that are idle do not end the process', async () => {
    await Promise.all([1, 2, 3].map(() => postgres.run(sql`SELECT pg_sleep(0.05)`)))
    await killOthers()
    await pause(50)
    expect(await postgres.first(sql`SELECT 1 AS one`)).toEqual({ one: 1 })
  })

  test('a database that is not there is a clear error', async () => {
    const nowhere = openPostgres({ ...database.options, database: 'nowhere' }, { maxConnections: 1 })
    await expect(nowhere).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await expect(nowhere).rejects.toThrow('EARSHOT_DATABASE_URL')
  })
})

describe('listen', () => {
  test('hears what a transaction sent once it commits, until it is ended', async () => {
    const heard: string[] = []
    const stop = await postgres.listen('news', (payload) => heard.push(payload))
    await postgres.transaction(async (tx) => {
      await tx.run(sql`SELECT pg_notify('news', ${'one'})`)
      await pause(30)
      expect(heard).toEqual([])
    })
    await expect.poll(() => heard).toEqual(['one'])
    await stop()
    await postgres.run(sql`SELECT pg_notify('news', ${'two'})`)
    await pause(50)
    expect(heard).toEqual(['one'])
  })

  test('connects again by itself and says that something may have been missed', async () => {
    const heard: string[] = []
    let missed = 0
    const stop = await postgres.listen(
      'Weather "today"',
      (payload) => heard.push(payload),
      () => missed++,
    )
    await killOthers()
    await expect.poll(() => missed).toBe(1)
    await postgres.run(sql`SELECT pg_notify('Weather "today"', 'rain')`)
    await expect.poll(() => heard).toEqual(['rain'])
    await stop()
  })
})

async function killOthers(): Promise<void> {
  await postgres.run(sql`
    SELECT pg_terminate_backend(pid)
    FROM pg_stat_activity
    WHERE datname = current_database()
      AND pid <> pg_backend_pid()`)
}
