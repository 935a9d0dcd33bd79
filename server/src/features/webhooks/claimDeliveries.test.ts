import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openTestApp, type TestApp } from '../../../test/testApp.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { announceEvent } from './announce.ts'
import { claimDeliveries, releaseDeliveries, type Claim, type ClaimedDelivery } from './claimDeliveries.ts'

// Nothing sends here: what is taken stays taken until it is given back.

let earshot: TestApp
let accountId: number

beforeAll(async () => {
  earshot = await openTestApp({ EARSHOT_WEBHOOK_PRIVATE: '127.0.0.0/8' })
})
afterAll(() => earshot.close())
beforeEach(async () => {
  await earshot.ports.postgres.run(sql`DELETE FROM webhook_events`)
})

/** Endpoints with 30 deliveries each, by name; those called failing fail. */
async function waitingFor(...names: string[]): Promise<void> {
  const { postgres, now } = earshot.ports
  const account = await earshot.account()
  accountId = account.id
  for (const name of names) {
    await account.request('POST', '/api/v1/webhooks', {
      url: `http://127.0.0.1/${name}`,
      events: ['report.delivered'],
    })
  }
  await postgres.run(sql`
    UPDATE webhook_endpoints
    SET failing_since = now()
    WHERE account_id = ${accountId}
      AND url LIKE '%failing%'`)
  for (let event = 0; event < 30; event++) {
    await announceEvent(postgres, { accountId, now: now() }, { type: 'report.delivered', data: {}, at: now() })
  }
}

const worker = randomUUID()

/** How many are taken for each endpoint. */
async function claim(more: Partial<Claim>): Promise<Record<string, number>> {
  const { postgres, now } = earshot.ports
  return countsOf(await postgres.transaction((tx) => claimDeliveries(tx, { ...all(now()), ...more })))
}

const all = (now: number): Claim => ({ worker, now, leaseMs: 60_000, freeSlots: 1000, freeSlotsOfFailing: 1000 })

function countsOf(claimed: readonly ClaimedDelivery[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { url } of claimed) {
    const name = url.split('/').at(-1) ?? ''
    counts[name] = (counts[name] ?? 0) + 1
  }
  return counts
}

test('an endpoint has ten places, a failing one two', async () => {
  await waitingFor('a', 'b', 'failing')
  expect(await claim({})).toEqual({ a: 10, b: 10, failing: 2 })
  expect(await claim({ worker: randomUUID() })).toEqual({})
  await releaseDeliveries(earshot.ports.postgres, worker)
  expect(await claim({})).toEqual({ a: 10, b: 10, failing: 2 })
})

test('few places are shared out, so that nobody waits for the one with most', async () => {
  await waitingFor('a', 'b', 'c')
  expect(await claim({ freeSlots: 3 })).toEqual({ a: 1, b: 1, c: 1 })
  expect(await claim({ freeSlots: 7 })).toMatchObject({ a: expect.any(Number), b: expect.any(Number) })
  const held = await earshot.ports.postgres.query<{ held: number }>(sql`
    SELECT count(*) AS held
    FROM webhook_deliveries
    WHERE account_id = ${accountId}
      AND worker = ${worker}
    GROUP BY endpoint_id`)
  expect(held.map(({ held }) => held).toSorted((left, right) => left - right)).toEqual([3, 3, 4])
})

test('failing endpoints leave places to those that work', async () => {
  await waitingFor('failing1', 'failing2', 'failing3', 'works')
  const counts = await claim({ freeSlots: 12, freeSlotsOfFailing: 3 })
  const { works, ...failing } = counts
  expect(works).toBe(9)
  expect(Object.values(failing)).toEqual([1, 1, 1])
})

test('two who take at once keep to the places of an endpoint together, whatever becomes due meanwhile', async () => {
  await waitingFor('a')
  const { postgres, now } = earshot.ports
  await postgres.run(sql`
    INSERT INTO ingest_batches (account_id, batch, process_id, first_seq, first_number, rows)
    VALUES (${accountId}, 1, ${worker}, 1, 1, '')`)
  // Ten that can be told of, and before them some whose batch cannot be read yet.
  await postgres.run(sql`
    UPDATE webhook_deliveries
    SET batch = 1,
        next_at = next_at - interval '1 minute'
    WHERE id IN (SELECT id FROM webhook_deliveries ORDER BY id LIMIT 20)`)
  let second: Promise<Record<string, number>> | undefined
  const first = await postgres.transaction(async (tx) => {
    const claimed = await claimDeliveries(tx, all(now()))
    await postgres.run(sql`DELETE FROM ingest_batches WHERE account_id = ${accountId}`)
    second = claim({ worker: randomUUID() })
    // It waits, or it has taken already.
    await expect.poll(() => isAnotherUnderWay()).toBe(true)
    return countsOf(claimed)
  })
  expect(first).toEqual({ a: 10 })
  expect(await second).toEqual({})
})

/** Whether somebody waits for a lock, or holds deliveries that the first one did not take. */
async function isAnotherUnderWay(): Promise<boolean> {
  const row = await earshot.ports.postgres.first<{ is: boolean }>(sql`
    SELECT
      EXISTS (
        SELECT
        FROM pg_locks
        JOIN pg_database ON pg_database.oid = pg_locks.database
        WHERE datname = current_database()
          AND locktype = 'advisory'
          AND NOT granted
      )
      OR EXISTS (SELECT FROM webhook_deliveries WHERE worker <> ${worker}) AS is`)
  return row?.is ?? false
}
