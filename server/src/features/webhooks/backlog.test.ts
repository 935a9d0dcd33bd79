import { afterAll, beforeAll, expect, test } from 'vitest'
import { createTestDatabase, type TestDatabase } from '../../../test/testPostgres.ts'
import { openPostgres, sql, type Postgres } from '../../store/postgres/postgres.ts'
import { announceEvent } from './announce.ts'
import { readBacklog } from './backlog.ts'

let database: TestDatabase
let postgres: Postgres

beforeAll(async () => {
  database = await createTestDatabase()
  postgres = await openPostgres(database.options, { maxConnections: 2 })
})
afterAll(async () => {
  await postgres.close()
  await database.drop()
})

const at = Date.UTC(2026, 4, 3, 14)
const backlog = () => readBacklog({ postgres, now: () => at + 7_200_000 })

/** An account with an endpoint that is to be told of something. */
async function waitingAccount(name: string): Promise<void> {
  const account = await postgres.first<{ id: number }>(sql`
    INSERT INTO accounts (name, account_uuid, context_uuid, jwt_secret, created_at)
    VALUES (${name}, gen_random_uuid(), gen_random_uuid(), '', now())
    RETURNING id`)
  const accountId = account?.id ?? 0
  await postgres.run(sql`
    INSERT INTO webhook_endpoints (id, account_id, url, events, secret, created_at, updated_at)
    VALUES (${name}, ${accountId}, 'https://example.com/', ARRAY['*'], '', now(), now())`)
  await announceEvent(postgres, { accountId, now: at }, { type: 'report.delivered', data: {}, at })
}

test('what nobody takes is neither pending nor late: of a disabled account, of a disabled endpoint', async () => {
  expect(await backlog()).toEqual({ pending: 0, oldestDueSeconds: 0 })
  await waitingAccount('disabled')
  expect(await backlog()).toEqual({ pending: 1, oldestDueSeconds: 7200 })
  await postgres.run(sql`UPDATE accounts SET disabled_at = now()`)
  expect(await backlog()).toEqual({ pending: 0, oldestDueSeconds: 0 })
  await waitingAccount('active')
  expect(await backlog()).toEqual({ pending: 1, oldestDueSeconds: 7200 })
  await postgres.run(sql`UPDATE webhook_endpoints SET is_active = false WHERE id = 'active'`)
  expect(await backlog()).toEqual({ pending: 0, oldestDueSeconds: 0 })
})
