import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { call, createKey, phoneCall, postgresPids, scratchFolder, serve, until, type Serving } from './program.ts'

// The embedded PostgreSQL is killed, or hangs, under a server that works: the server stays and goes on by itself.

let scratch: Awaited<ReturnType<typeof scratchFolder>>
let dataDirectory: string
let server: Serving
let apiKey: string

beforeAll(async () => {
  scratch = await scratchFolder()
  dataDirectory = join(scratch.path, 'data')
  const settings = { EARSHOT_DATA_DIR: dataDirectory, EARSHOT_RATE_LIMIT: '0' }
  apiKey = (await createKey(settings, 'acme')).apiKey
  server = await serve(settings)
})
afterAll(() => scratch.remove())

test('killed under load it is started again; what was acknowledged is there, the rest was told to come again', async () => {
  const acknowledged: string[] = []
  const wrong: unknown[] = []
  let isOver = false
  const senders = ['a', 'b', 'c'].map(async (name) => {
    for (let index = 0; !isOver; index++) {
      const id = `${name}${index}`
      const answer = await send([phoneCall(id)])
      if (answer.status === 200) acknowledged.push(id)
      else if (answer.status !== 503 || answer.retryAfter === null) wrong.push(answer)
    }
  })
  for (let kill = 0; kill < 3; kill++) {
    const before = acknowledged.length
    await until('the server takes calls', () => acknowledged.length > before + 20)
    const killed = postgresPids(dataDirectory)
    for (const pid of killed) process.kill(pid, 'SIGKILL')
    await until('another PostgreSQL runs', () => postgresPids(dataDirectory).some((pid) => !killed.includes(pid)))
    await until('it is ready', async () => (await fetch(`${server.url}/ready`)).status === 200)
  }
  isOver = true
  await Promise.all(senders)
  expect(wrong).toEqual([])
  expect(server.process.exitCode).toBeNull()
  const stored = new Set<string>()
  for (const id of await allCalls()) {
    expect(stored.has(id), `${id} stands twice`).toBe(false)
    stored.add(id)
  }
  expect(acknowledged.filter((id) => !stored.has(id))).toEqual([])
})

test('that hangs is 503 with Retry-After long before anybody gives up, and all goes on when it answers', async () => {
  const [postmaster = 0] = postgresPids(dataDirectory)
  const family = [postmaster, ...childrenOf(postmaster)]
  for (const pid of family) process.kill(pid, 'SIGSTOP')
  const began = performance.now()
  const answers = await Promise.all([
    ...Array.from({ length: 20 }, () => send([phoneCall('hanging')])),
    ...Array.from({ length: 20 }, () => read('/v1/records/calls?limit=1')),
  ])
  const tookMs = performance.now() - began
  for (const answer of answers) expect(answer).toMatchObject({ status: 503, retryAfter: '5' })
  expect(tookMs).toBeLessThan(40_000)
  const beganAgain = performance.now()
  expect(await read('/v1/records/calls?limit=1')).toMatchObject({ status: 503, retryAfter: '5' })
  // It is known by now: nobody waits for it to be found out again.
  expect(performance.now() - beganAgain).toBeLessThan(tookMs / 2)
  for (const pid of family) process.kill(pid, 'SIGCONT')
  await until('calls are taken', async () => (await send([phoneCall('after')])).status === 200)
  expect((await read('/v1/records/calls/after')).status).toBe(200)
})

test('a second signal ends the server with its status while it waits for a request, and leaves a last line', async () => {
  const body = new ReadableStream({
    start: (controller) => controller.enqueue(new TextEncoder().encode('{"id":"slow"}\n')),
  })
  const headers = { 'X-Api-Key': apiKey, 'Content-Type': 'application/x-ndjson' }
  const slow = fetch(`${server.url}/v1/ingest/calls`, { method: 'POST', headers, body, duplex: 'half' }).catch(() => {})
  await until('the request has come', async () => (await send([phoneCall('beside')])).status === 200)
  const engineWork = Array.from({ length: 4 }, () =>
    read('/v1/analytics/trends?dateFrom=2026-01-01&dateTo=2026-12-31').catch(() => {}),
  )
  process.kill(server.pid, 'SIGTERM')
  await until('it stops', () => server.output.stdout.includes('"msg":"stopping"'))
  // Earlier it is taken for the same Ctrl-C.
  await pause(700)
  process.kill(server.pid, 'SIGTERM')
  const ended = await server.ended
  expect(ended).toMatchObject({ code: 143, signal: null })
  expect(ended.stdout.trimEnd().split('\n').at(-1)).toContain('stopped at once by a second signal')
  await Promise.all([slow, ...engineWork])
})

async function send(records: object[]) {
  const headers = { 'X-Api-Key': apiKey, 'Content-Type': 'application/json' }
  const answer = await fetch(`${server.url}/v1/ingest/calls`, {
    method: 'POST',
    headers,
    body: JSON.stringify(records),
  })
  return { status: answer.status, retryAfter: answer.headers.get('retry-after'), text: await answer.text() }
}

async function read(path: string) {
  const answer = await fetch(`${server.url}${path}`, { headers: { 'X-Api-Key': apiKey } })
  return { status: answer.status, retryAfter: answer.headers.get('retry-after'), text: await answer.text() }
}

async function allCalls(): Promise<string[]> {
  const ids: string[] = []
  let cursor = ''
  for (;;) {
    const { json } = await call(server.url, apiKey, `/v1/records/calls?limit=1000${cursor}`)
    ids.push(...json.data.map((record: { id: string }) => record.id))
    if (!json.nextCursor) return ids
    cursor = `&cursor=${encodeURIComponent(json.nextCursor)}`
  }
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return new RegExp(`^PPid:\\s+${parent}$`, 'm').test(readFileSync(`/proc/${pid}/status`, 'utf8'))
      } catch {
        return false
      }
    })
}
