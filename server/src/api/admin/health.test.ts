import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'

let earshot: TestApp
let account: TestAccount

beforeAll(async () => {
  earshot = await openTestApp()
  account = await earshot.account()
})

afterAll(() => earshot.close())

test('health tells what waits and what failed in the account, and nothing of another', async () => {
  const { ports } = earshot
  const now = ports.now()
  await ports.jobs.enqueue(ports.postgres, {
    kind: 'later',
    accountId: account.id,
    input: {},
    runAt: now - 90_000,
  })
  const { status, json } = await account.request('GET', '/v1/admin/health')
  expect(status).toBe(200)
  expect(json).toMatchObject({
    engines: { postgres: 'ok', clickhouse: 'ok' },
    ingestion: { openBatches: 0, oldestSeconds: 0 },
    exports: { failed: 0 },
    webhooks: { pending: 0, oldestDueSeconds: 0, failed: 0, endpointsDisabled: 0 },
  })
  const [job] = json.jobs
  expect(job).toMatchObject({ kind: 'later', waiting: 1, running: 0, failing: 0 })
  expect(job.oldestWaitingSeconds).toBeGreaterThanOrEqual(90)
  expect(json.disk.freeBytes).toBeGreaterThan(0)
  expect(json.disk.totalBytes).toBeGreaterThan(json.disk.freeBytes)
  const other = await earshot.account()
  expect((await other.request('GET', '/v1/admin/health')).json.jobs).toEqual([])
})

test('health is for those who manage the account', async () => {
  const reader = await earshot.account({ scopes: ['calls:read', 'analytics:read'] })
  expect((await reader.request('GET', '/v1/admin/health')).status).toBe(403)
})
