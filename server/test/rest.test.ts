import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newClient } from '../src/store/postgres/postgres.ts'
import { createKey, scratchFolder, serve } from './program.ts'

let folder: Awaited<ReturnType<typeof scratchFolder>>

beforeAll(async () => {
  folder = await scratchFolder()
})

afterAll(() => folder.remove())

/** What counts is how often, not how long: a busy machine asks no more often. */
const restSeconds = 12
/** Once a second for jobs and schedules, every five seconds for what is behind, and room for work that just fell due. */
const mostTransactions = restSeconds * 6

test('a server at rest waits for notices, and hardly asks its database', async () => {
  const settings = { EARSHOT_DATA_DIR: join(folder.path, 'data') }
  await serve(settings)
  await createKey(settings, 'acme')
  const [, , , , host = ''] = (
    await readFile(join(settings.EARSHOT_DATA_DIR, 'postgres', 'postmaster.pid'), 'utf8')
  ).split('\n')
  const client = newClient({ host, port: 5432, user: 'earshot', database: 'postgres' })
  await client.connect()
  const transactions = async (): Promise<number> => {
    const { rows } = await client.query<{ count: string }>(
      "SELECT xact_commit + xact_rollback AS count FROM pg_stat_database WHERE datname = 'postgres'",
    )
    return Number(rows[0]?.count)
  }
  // What is due at the start is done first, and idle connections tell of it within ten seconds.
  await pause(12_000)
  const before = await transactions()
  await pause(restSeconds * 1000)
  expect((await transactions()) - before).toBeLessThan(mostTransactions)
  await client.end()
})
