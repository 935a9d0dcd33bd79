import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
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
