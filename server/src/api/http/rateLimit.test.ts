import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { sql } from '../../store/postgres/postgres.ts'
import { openTestDatabase, send, type TestApp, type TestDatabase } from './testFrame.ts'
import { testSurface } from './testSurface.ts'

let database: TestDatabase
const processes: { ports: TestApp; url: string }[] = []

beforeAll(async () => void (database = await openTestDatabase()))
afterAll(() => database.close())

beforeEach(async () => {
  // Both by the same step to the beginning of the same minute, so that no window ends while a test runs.
  const untilNextMinuteMs = 60_000 - (Date.now() % 60_000) + 1000
  for (const _ of [1, 2]) {
    const ports = await database.openPorts({ rateLimit: 40 })
    ports.advance(untilNextMinuteMs)
    processes.push({ ports, url: (await ports.serve([testSurface])).url })
  }
})

afterEach(async () => {
  for (const { ports } of processes.splice(0)) await ports.close()
})

function ask(index: number, apiKey: string, target = '/test/me/1') {
  return send(processes[index]?.url ?? '', 'GET', target, { 'X-Api-Key': apiKey })
}

async function newKey() {
  const key = await processes[0]?.ports.newKey(['calls:read'])
  return key?.apiKey ?? ''
}

test('one process gives out exactly the limit, and says so', async () => {
  const apiKey = await newKey()
  for (let request = 1; request <= 40; request++) {
    const { status, headers } = await ask(0, apiKey)
    expect([status, headers.get('ratelimit-limit'), headers.get('ratelimit-remaining')]).toEqual([
      200,
      '40, 40;window=60',
      String(40 - request),
    ])
  }
  const { status, headers, body } = await ask(0, apiKey)
  expect([status, body?.['failed'], headers.get('ratelimit-remaining')]).toEqual([429, 'RATE_LIMIT_EXCEEDED', '0'])
  expect(Number(headers.get('retry-after'))).toBeGreaterThan(0)
  expect(headers.get('retry-after')).toBe(headers.get('ratelimit-reset'))
})

test('two processes together give out no more than the limit, and all of it', async () => {
  const apiKey = await newKey()
  const answers = await Promise.all(Array.from({ length: 120 }, (_, index) => ask(index % 2, apiKey)))
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(40)
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(80)
})

test('the next minute begins anew, and old windows are forgotten', async () => {
  const apiKey = await newKey()
  await Promise.all(Array.from({ length: 50 }, () => ask(0, apiKey)))
  expect((await ask(0, apiKey)).status).toBe(429)
  processes[0]?.ports.advance(60_000)
  expect((await ask(0, apiKey)).status).toBe(200)
  processes[0]?.ports.advance(120_000)
  expect((await ask(0, apiKey)).status).toBe(200)
  const postgres = processes[0]?.ports.ports.postgres
  await expect.poll(() => postgres?.query(sql`SELECT DISTINCT minute FROM rate_windows`)).toHaveLength(1)
})

test('keys, and polling, are counted apart; polling generously', async () => {
  const [one, other] = [await newKey(), await newKey()]
  await Promise.all(Array.from({ length: 41 }, () => ask(0, one)))
  expect((await ask(0, one)).status).toBe(429)
  expect((await ask(0, other)).status).toBe(200)
  const poll = await ask(0, one, '/test/poll')
  expect([poll.status, poll.headers.get('ratelimit-limit')]).toEqual([200, '400, 400;window=60'])
})

test('most requests take no lease', async () => {
  const ports = await database.openPorts({ rateLimit: 600 })
  const { url } = await ports.serve([testSurface])
  const { apiKey } = await ports.newKey(['calls:read'])
  const statements: string[] = []
  const { postgres } = ports.ports
  const first = postgres.first.bind(postgres)
  postgres.first = (statement) => {
    statements.push(statement.text)
    return first(statement)
  }
  for (let request = 0; request < 100; request++) await send(url, 'GET', '/test/me/1', { 'X-Api-Key': apiKey })
  expect(statements.filter((text) => text.includes('rate_windows')).length).toBeLessThan(8)
  await ports.close()
})

test('without a limit there are no headers', async () => {
  const ports = await database.openPorts({ rateLimit: 0 })
  const { url } = await ports.serve([testSurface])
  const { apiKey } = await ports.newKey(['calls:read'])
  const { status, headers } = await send(url, 'GET', '/test/me/1', { 'X-Api-Key': apiKey })
  expect([status, headers.has('ratelimit-limit')]).toEqual([200, false])
  await ports.close()
})
