import { get } from 'node:http'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openStream, type StreamReader } from '../../../test/changes/streamReader.ts'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'

// Clients that come and go, and what is counted of them.

let earshot: TestApp
let account: TestAccount
const open: StreamReader[] = []

beforeAll(async () => {
  earshot = await openTestApp()
  account = await earshot.account()
})
afterEach(() => {
  for (const stream of open.splice(0)) stream.close()
})
afterAll(() => earshot.close())

async function follow(): Promise<StreamReader> {
  const stream = await openStream(earshot.url, { 'X-Api-Key': account.apiKey })
  open.push(stream)
  await stream.until((events) => events.some(({ name }) => name === 'live'))
  return stream
}

async function figure(name: string): Promise<number> {
  const text = await (await fetch(`${earshot.url}/metrics`)).text()
  return Number(new RegExp(`^${name} (.*)$`, 'mu').exec(text)?.[1] ?? 0)
}

test('a stream is not kept for a client that went away while it was let in', async () => {
  const { postgres } = earshot.ports
  const letIn = Promise.withResolvers<void>()
  let isAsked = false
  earshot.ports.postgres = {
    ...postgres,
    async first(statement) {
      if (statement.text.includes('hmac_secret')) {
        isAsked = true
        await letIn.promise
      }
      return postgres.first(statement)
    },
  }
  const request = get(`${earshot.url}/v1/changes/stream`, { headers: { 'X-Api-Key': account.apiKey }, agent: false })
  request.on('error', () => {})
  try {
    await expect.poll(() => isAsked).toBe(true)
    request.destroy()
    await expect.poll(() => figure('earshot_http_requests_total.*surface="changes".*status="4xx".')).toBeGreaterThan(0)
  } finally {
    earshot.ports.postgres = postgres
    letIn.resolve()
  }
  // A stream that is opened after it is the only one.
  await follow()
  await expect.poll(() => figure('earshot_open_streams')).toBe(1)
})

test('that the client of a stream leaves is no failure, and its length is no latency', async () => {
  const counted = async () => [
    await figure('earshot_http_requests_total.*surface="changes".*"GET".*status="2xx".'),
    await figure('earshot_http_requests_total.*surface="changes".*"GET".*status="4xx".'),
    await figure('earshot_http_request_duration_seconds_count.*surface="changes".*"GET".'),
  ]
  // Whoever was followed before is counted first.
  await expect.poll(() => figure('earshot_open_streams')).toBe(0)
  const [succeeded = 0, failed, timed] = await counted()
  const stream = await follow()
  stream.close()
  await expect.poll(counted).toEqual([succeeded + 1, failed, timed])
})
