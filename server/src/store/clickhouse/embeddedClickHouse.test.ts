import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openEmbeddedClickHouse } from './embeddedClickHouse.ts'

test('files are read and written while every connection of the engine is busy', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'earshot-engine-'))
  const clickhouse = openEmbeddedClickHouse(folder, 0)
  const order: string[] = []
  const works = [
    ...Array.from({ length: 4 }, () => clickhouse.rows('SELECT sleep(2)')),
    ...Array.from({ length: 3 }, () => clickhouse.command('SELECT sleep(2)')),
    ...Array.from({ length: 2 }, () => clickhouse.command('SELECT sleep(2)', undefined, { isLong: true })),
  ].map(async (work) => {
    await work
    order.push('query')
  })
  // The queries are under way.
  await new Promise(setImmediate)
  await stat(folder)
  order.push('file')
  await Promise.all(works)
  expect(order[0]).toBe('file')
  await clickhouse.close()
  await rm(folder, { recursive: true, force: true })
})

test('many questions leave few idle threads, and caches have bounds that fit the memory', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'earshot-engine-'))
  const clickhouse = openEmbeddedClickHouse(folder, 0)
  const query = 'SELECT number % 10 AS k, count() FROM numbers_mt(3000000) GROUP BY k SETTINGS max_threads = 32'
  await Promise.all(Array.from({ length: 40 }, () => clickhouse.rows(query)))
  const free = async () => {
    const [row] = await clickhouse.rows<{ free: number }>(
      `SELECT sumIf(value, metric = 'GlobalThread') - sumIf(value, metric = 'GlobalThreadActive') AS free
       FROM system.metrics`,
    )
    return row?.free
  }
  await expect.poll(free, { timeout: 60_000 }).toBeLessThanOrEqual(16)
  const caches = await clickhouse.rows<{ name: string; bytes: number }>(
    `SELECT name, toUInt64(value) AS bytes FROM system.server_settings
     WHERE name IN ('mark_cache_size', 'index_mark_cache_size', 'primary_index_cache_size',
       'query_condition_cache_size', 'uncompressed_cache_size')`,
  )
  const tooLarge = caches.filter(({ bytes }) => bytes > totalmem() / 64)
  expect(caches).toHaveLength(5)
  expect(tooLarge).toEqual([])
  await clickhouse.close()
  await rm(folder, { recursive: true, force: true })
})
