import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestApp, type TestApp } from '../../../test/testApp.ts'
import { recoverBatches } from '../../recordLog/log/commit.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { heedClock } from './heedClock.ts'

let earshot: TestApp
beforeAll(async () => {
  earshot = await openTestApp()
})
afterAll(() => earshot.close())

const ahead = sql`now() + INTERVAL '3 hours'`

/** As a process leaves it that worked while the clock was three hours ahead. */
async function clockWentBack(): Promise<void> {
  await earshot.ports.postgres.run(sql`UPDATE clock SET seen_at = ${ahead}`)
}

test('what a clock that was ahead put off is due again, and leases that it gave end', async () => {
  const { ports } = earshot
  await clockWentBack()
  const held = sql`'00000000-0000-0000-0000-000000000001'::uuid`
  await ports.postgres.run(sql`
    INSERT INTO jobs (id, kind, account_id, input, run_at, worker, lease_until)
    VALUES (gen_random_uuid(), 'clock', 1, '{}', ${ahead}, NULL, NULL),
           (gen_random_uuid(), 'clock', 1, '{}', now() - INTERVAL '1 hour', ${held}, ${ahead} + INTERVAL '15 seconds')`)
  await ports.postgres.run(sql`
    INSERT INTO periodic_work (name, next_at, worker, lease_until)
    VALUES ('clock', ${ahead} + INTERVAL '30 seconds', ${held}, ${ahead} + INTERVAL '15 seconds')`)
  const seconds = await heedClock(ports)
  expect(seconds).toBeGreaterThan(3 * 3600 - 60)
  const late = await ports.postgres.query(sql`
    SELECT run_at, lease_until FROM jobs WHERE greatest(run_at, lease_until) > now() + INTERVAL '1 minute'
    UNION ALL
    SELECT next_at, lease_until FROM periodic_work WHERE greatest(next_at, lease_until) > now() + INTERVAL '1 minute'`)
  expect(late).toEqual([])
  expect(
    await ports.postgres.first(sql`SELECT count(*) AS jobs FROM jobs WHERE run_at < now() - INTERVAL '50 minutes'`),
  ).toEqual({ jobs: 1 })
  expect(await heedClock(ports)).toBe(0)
})

test('a clock that goes on moves nothing', async () => {
  const { ports } = earshot
  await ports.postgres.run(sql`UPDATE clock SET seen_at = now() - INTERVAL '3 hours'`)
  await ports.postgres.run(sql`
    INSERT INTO periodic_work (name, next_at) VALUES ('clock, later', '2200-01-01T00:00:00Z')`)
  expect(await heedClock(ports)).toBe(0)
  expect(await ports.postgres.first(sql`SELECT next_at FROM periodic_work WHERE name = 'clock, later'`)).toEqual({
    next_at: new Date('2200-01-01T00:00:00Z'),
  })
})

test('the start brings in what was acknowledged under a clock that has gone back', async () => {
  const { ports } = earshot
  const account = await earshot.account()
  const insert = ports.clickhouse.insert.bind(ports.clickhouse)
  ports.clickhouse.insert = () => Promise.reject(new Error('The process is dead by now.'))
  const call = {
    id: 'kept',
    channel: 'phone',
    status: 'completed',
    startedAt: '2026-05-03T14:05:07Z',
    durationSeconds: 60,
  }
  expect((await account.request('POST', '/v1/ingest/calls', [call])).status).toBe(200)
  await ports.postgres.run(sql`UPDATE ingest_batches SET created_at = ${ahead} WHERE account_id = ${account.id}`)
  ports.clickhouse.insert = insert
  await recoverBatches(ports, {})
  expect(await ports.postgres.query(sql`SELECT FROM ingest_batches WHERE account_id = ${account.id}`)).toEqual([])
  expect((await account.request('GET', '/v1/records/calls/kept')).status).toBe(200)
})
