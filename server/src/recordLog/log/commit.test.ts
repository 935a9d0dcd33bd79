import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openTestApp, type TestApp } from '../../../test/testApp.ts'
import { openPorts } from '../../compose.ts'
import type { Ports } from '../../ports.ts'
import { openPostgres, sql, type Postgres } from '../../store/postgres/postgres.ts'
import { packBatch } from './batchRows.ts'
import { recoverBatches } from './commit.ts'

let earshot: TestApp
let postgres: Postgres

beforeAll(async () => {
  earshot = await openTestApp()
  postgres = await openPostgres(earshot.ports.config.databaseUrl, { maxConnections: 1 })
})
afterAll(async () => {
  await postgres.close()
  await earshot.close()
})

const stopped = new Error('Stopped by SIGTERM.')

/** As a process leaves them that died before its batches reached ClickHouse. */
beforeEach(async () => {
  await postgres.run(sql`DELETE FROM ingest_batches`)
  for (const batch of [1, 2, 3]) {
    const columns = ['account_id', 'id_hash', 'collection', 'number', 'started_at', 'removed', 'batch']
    const lines = Buffer.from(`${JSON.stringify([900 + batch, 1, 'calls', batch, 0, 0, batch])}\n`)
    const rows = await packBatch({ tables: [{ table: 'record_keys', columns, lines }] })
    await postgres.run(sql`
      INSERT INTO ingest_batches (account_id, batch, process_id, first_seq, first_number, rows)
      VALUES (${900 + batch}, ${batch}, gen_random_uuid(), 1, 1, ${rows})`)
  }
})

const open = async () =>
  (await postgres.query<{ batch: number }>(sql`SELECT batch FROM ingest_batches ORDER BY batch`)).map(
    ({ batch }) => batch,
  )

/** The program, where something happens before each insert. */
function beforeInsert(happens: () => void): Ports {
  const { clickhouse } = earshot.ports
  return {
    ...earshot.ports,
    clickhouse: {
      ...clickhouse,
      async insert(...given) {
        happens()
        await clickhouse.insert(...given)
      },
    },
  }
}

test('recovery that is told to stop ends after the batch at hand; the rest is left to another', async () => {
  const abort = new AbortController()
  const stopping = beforeInsert(() => abort.abort(stopped))
  await expect(recoverBatches(stopping, { signal: abort.signal })).rejects.toBe(stopped)
  expect(await open()).toEqual([2, 3])
  await recoverBatches(earshot.ports, {})
  expect(await open()).toEqual([])
})

test('recovery that waits for a store that is away ends as soon as it is told to', async () => {
  const abort = new AbortController()
  let tries = 0
  let isPauseOver = false
  let pause: NodeJS.Timeout | undefined
  const away = beforeInsert(() => {
    // The pause after this try is more than three seconds: its timer comes after this one, however late both are.
    if (++tries === 5) {
      pause = setTimeout(() => (isPauseOver = true), 3000)
      setTimeout(() => abort.abort(stopped), 50)
    }
    throw new Error('The store is away.')
  })
  await expect(recoverBatches(away, { signal: abort.signal })).rejects.toBe(stopped)
  expect(isPauseOver).toBe(false)
  clearTimeout(pause)
  expect([tries, await open()]).toEqual([5, [1, 2, 3]])
})

test('a program that is told to stop while it starts opens nothing for good, and the next start recovers', async () => {
  const { config, log } = earshot.ports
  await earshot.ports.close()
  await expect(openPorts(config, log, () => {}, AbortSignal.abort(stopped))).rejects.toBe(stopped)
  expect(await open()).toEqual([1, 2, 3])
  const next = await openPorts(config, log, () => {})
  expect(await open()).toEqual([])
  await next.close()
})
