import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openEmbeddedClickHouse } from '../../store/clickhouse/embeddedClickHouse.ts'
import { asAppError } from './faults.ts'

test('a query for which the engine has too little memory is answered with 503 and when to come again', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'earshot-engine-'))
  const clickhouse = openEmbeddedClickHouse(folder, 10_000_000)
  const thrown = await clickhouse
    .rows('SELECT length(groupArray(number)) FROM numbers(10000000)')
    .catch((e: unknown) => e)
  const { error, unexpected } = asAppError(thrown)
  expect({ code: error.code, retryAfterSeconds: error.retryAfterSeconds, unexpected }).toEqual({
    code: 'UNAVAILABLE',
    retryAfterSeconds: 5,
    unexpected: false,
  })
  await clickhouse.close()
  await rm(folder, { recursive: true, force: true })
})
