import { afterAll, beforeAll, expect, test } from 'vitest'
import { submitCall } from '../../test/submitCall.ts'
import { openTestApp, type TestAccount, type TestApp } from '../../test/testApp.ts'
import { sql } from '../store/postgres/postgres.ts'
import { openRecordLog } from './recordLog.ts'
import type { RecordLog } from '../ports.ts'
import type { RecordLogStores } from './stores.ts'
import { recoverBatches } from './log/commit.ts'

// Two programs that write for one account: here two queues, which know each other by the stores alone.

let earshot: TestApp
let account: TestAccount

beforeAll(async () => void (earshot = await openTestApp()))
afterAll(() => earshot.close())

const submit = (queue: RecordLog, id: string, values: Record<string, string>) =>
  submitCall(queue, account.id, { id, ...values })

/** The stores, where something happens once, before the statement of that position. */
function beforeStatement(
  position: number,
  happens: () => Promise<void>,
): { stores: RecordLogStores; given: () => number } {
  let count = 0
  const { postgres } = earshot.ports
  async function next<Result>(run: () => Promise<Result>): Promise<Result> {
    if (++count === position) await happens()
    return run()
  }
  const watched: typeof postgres = {
    ...postgres,
    first: (statement) => next(() => postgres.first(statement)),
    query: (statement) => next(() => postgres.query(statement)),
    run: (statement) => next(() => postgres.run(statement)),
  }
  return { stores: { ...earshot.ports, postgres: watched }, given: () => count }
}

/** A queue whose batches reach ClickHouse only once they are let. */
function heldQueue(): { queue: RecordLog; letGo: () => void } {
  const { clickhouse } = earshot.ports
  const { promise, resolve: letGo } = Promise.withResolvers<void>()
  async function insert(...given: Parameters<typeof clickhouse.insert>): Promise<void> {
    await promise
    await clickhouse.insert(...given)
  }
  return { queue: openRecordLog({ ...earshot.ports, clickhouse: { ...clickhouse, insert } }), letGo }
}

const numbersOf = (id: string) =>
  earshot.ports.clickhouse.rows<{ number: number; agent: string; queue: string }>(
    `SELECT number, agent_id AS agent, queue_id AS queue
     FROM calls FINAL
     WHERE account_id = {accountId:UInt32}
       AND id = {id:String}`,
    { accountId: account.id, id },
  )

/** The number of statements of a commit without a conflict. */
async function statementPositions(): Promise<number[]> {
  account = await earshot.account()
  const alone = beforeStatement(0, async () => {})
  await submit(openRecordLog(alone.stores), 'alone', {})
  const count = alone.given()
  expect(count).toBeGreaterThan(2)
  return Array.from({ length: count }, (_, index) => index + 1)
}

test('a call that two programs send at once is one call, wherever the one comes between the statements of the other', async () => {
  for (const position of await statementPositions()) {
    account = await earshot.account()
    const held = heldQueue()
    const late = beforeStatement(position, async () => {
      expect(await submit(held.queue, 'same', { agentId: 'of the one' })).toMatchObject({ created: 1 })
      setTimeout(held.letGo, 30)
    })
    const queue = openRecordLog(late.stores)
    expect(await submit(queue, 'same', { queueId: 'of the other' })).toMatchObject({ created: 0, updated: 1 })
    await Promise.all([held.queue.drain(), queue.drain()])
    expect(await numbersOf('same')).toEqual([{ number: 1, agent: 'of the one', queue: 'of the other' }])
  }
})

test('what a program acknowledged that died before it reached ClickHouse is kept, also when another one goes on', async () => {
  for (const position of await statementPositions()) {
    account = await earshot.account()
    const held = heldQueue()
    const late = beforeStatement(position, async () => {
      await submit(held.queue, 'kept', {})
      // As when the first program has been gone for longer than its entry is waited for.
      await earshot.ports.postgres.run(sql`
        UPDATE ingest_batches
        SET created_at = now() - interval '1 minute'
        WHERE account_id = ${account.id}`)
    })
    const queue = openRecordLog(late.stores)
    await submit(queue, 'next', {})
    await queue.drain()
    await recoverBatches(earshot.ports, {})
    expect(await numbersOf('kept')).toHaveLength(1)
    expect(await numbersOf('next')).toHaveLength(1)
    held.letGo()
    await held.queue.drain()
  }
})
