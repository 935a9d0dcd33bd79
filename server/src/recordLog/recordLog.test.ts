import { afterAll, beforeAll, expect, test } from 'vitest'
import { submitCall } from '../../test/submitCall.ts'
import { openTestApp, type TestAccount, type TestApp } from '../../test/testApp.ts'
import { AppError } from '../errors.ts'
import { sql } from '../store/postgres/postgres.ts'
import { openRecordLog } from './recordLog.ts'
import type { RecordLog } from '../ports.ts'
import { recoverBatches } from './log/commit.ts'

let earshot: TestApp
let account: TestAccount

beforeAll(async () => {
  earshot = await openTestApp()
  account = await earshot.account()
})
afterAll(() => earshot.close())

const openEntries = () =>
  earshot.ports.postgres.query(sql`SELECT 1 FROM ingest_batches WHERE account_id = ${account.id}`)

const submit = (queue: RecordLog, id: string) => submitCall(queue, account.id, { id })

test('who is stopped while the store is away ends soon; what it had acknowledged another brings in', async () => {
  let tries = 0
  const insert = async (): Promise<void> => {
    tries++
    throw new AppError('UNAVAILABLE', 'The store is away.')
  }
  const queue = openRecordLog({ ...earshot.ports, clickhouse: { ...earshot.ports.clickhouse, insert } })
  await submit(queue, 'left')
  const begunAt = performance.now()
  await queue.drain()
  expect(performance.now() - begunAt).toBeLessThan(20_000)
  expect(await openEntries()).toHaveLength(1)
  const triedBefore = tries
  // Longer than the pause after the last try.
  await new Promise((resolve) => setTimeout(resolve, 1000))
  expect(tries).toBe(triedBefore)
  await recoverBatches(earshot.ports, {})
  expect(await openEntries()).toHaveLength(0)
  expect((await account.request('GET', '/v1/records/calls/left')).status).toBe(200)
})

test('who is stopped while the store takes everything leaves nothing', async () => {
  const queue = openRecordLog(earshot.ports)
  await submit(queue, 'through')
  await queue.drain()
  expect(await openEntries()).toHaveLength(0)
})

test('senders that each wait for their answer share every commit, not every second one', async () => {
  const queue = openRecordLog(earshot.ports)
  const [senders, rounds] = [16, 10]
  const countCommits = async () => {
    const query = sql`SELECT last_batch AS commits FROM ingest_accounts WHERE account_id = ${account.id}`
    return (await earshot.ports.postgres.first<{ commits: number }>(query))?.commits ?? 0
  }
  const before = await countCommits()
  await Promise.all(
    Array.from({ length: senders }, async (_, sender) => {
      for (let round = 0; round < rounds; round++) {
        await submit(queue, `shared-${sender}-${round}`)
        // The answer goes out, and the next request comes in.
        await new Promise((resolve) => setImmediate(resolve))
      }
    }),
  )
  await queue.drain()
  expect((await countCommits()) - before).toBeLessThan(1.5 * rounds)
})
