import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  createKey,
  phoneCall,
  postgresPids,
  scratchFolder,
  serve,
  signalIfAlive,
  until,
  type Serving,
} from './program.ts'
import { mountSmallDisk, type SmallDisk } from './smallDisk.ts'

// The disk is filled from outside while the server works: nothing more is taken, everything can be read, and it heals.

const megabyte = 1_000_000
const keptFree = 40 * megabyte

let scratch: Awaited<ReturnType<typeof scratchFolder>>
let disk: SmallDisk | undefined
let server: Serving
let apiKey: string
let jwt: string

beforeAll(async () => {
  scratch = await scratchFolder()
  const dataDirectory = join(scratch.path, 'data')
  disk = mountSmallDisk(dataDirectory, 400 * megabyte)
  if (!disk) return
  const settings = { EARSHOT_DATA_DIR: dataDirectory, EARSHOT_MIN_FREE_BYTES: String(keptFree) }
  ;({ apiKey, jwt } = await createKey(settings, 'acme'))
  server = await serve(settings)
})
afterAll(async () => {
  server?.process.kill('SIGKILL')
  await server?.ended
  for (const pid of postgresPids(scratch.path)) signalIfAlive(pid, 'SIGQUIT')
  await until('PostgreSQL is gone', () => postgresPids(scratch.path).length === 0)
  disk?.unmount()
  await scratch.remove()
})

async function ask(method: string, path: string, body?: unknown, headers: Record<string, string> = {}) {
  const answer = await fetch(`${server.url}${path}`, {
    method,
    headers: { 'X-Api-Key': apiKey, ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
    body: body === undefined ? undefined : body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body),
  })
  return { status: answer.status, text: await answer.text() }
}

/** A WAV of silence with so many bytes of sound. */
function wav(bytes: number): Buffer {
  const file = Buffer.alloc(44 + bytes)
  file.write('RIFF', 0)
  file.writeUInt32LE(36 + bytes, 4)
  file.write('WAVEfmt ', 8)
  file.writeUInt32LE(16, 16)
  file.writeUInt16LE(1, 20)
  file.writeUInt16LE(1, 22)
  file.writeUInt32LE(8000, 24)
  file.writeUInt32LE(16_000, 28)
  file.writeUInt16LE(2, 32)
  file.writeUInt16LE(16, 34)
  file.write('data', 36)
  file.writeUInt32LE(bytes, 40)
  return file
}

const upload = (id: string, bytes: number) =>
  ask('PUT', `/v1/ingest/calls/${id}/recording`, wav(bytes), { 'Content-Type': 'audio/wav' })

async function statusesOfReading() {
  const bearer = { Authorization: `Bearer ${jwt}` }
  return Promise.all([
    ask('GET', '/v1/records/calls?limit=10').then(({ status }) => status),
    ask('GET', '/v1/changes/calls').then(({ status }) => status),
    ask('GET', '/api/v1/calls').then(({ status }) => status),
    ask('GET', '/v1/analytics/summary?dateFrom=2026-05-01&dateTo=2026-05-31').then(({ status }) => status),
    fetch(`${server.url}/v1/sa/call?fromTime=2026-05-01T00:00:00Z&toTime=2026-06-01T00:00:00Z`, {
      headers: bearer,
    }).then(({ status }) => status),
  ])
}

async function statusesOfWriting() {
  return Promise.all([
    ask('POST', '/v1/ingest/calls', [phoneCall('late')]),
    ask('DELETE', '/v1/ingest/calls/a'),
    ask('PUT', '/v1/ingest/calls/a/turns', []),
    ask('PUT', '/v1/admin/holds/calls/a', { reason: 'court' }),
    ask('POST', '/v1/admin/feed/release', { number: 1 }),
    ask('POST', '/v1/exports', { dataset: 'calls', format: 'csv' }),
    ask('POST', '/v1/admin/keys', { scopes: ['calls:read'] }),
    upload('a', 1000),
  ]).then((answers) => answers.map(({ status }) => status))
}

test('an announced upload that would go below what stays free is refused before it is taken, two at once too', async (context) => {
  if (!disk) return context.skip('this process may not mount a file system')
  expect((await ask('POST', '/v1/ingest/calls', ['a', 'b'].map(phoneCall))).status).toBe(200)
  await disk.fill(keptFree + 30 * megabyte)
  expect((await upload('a', 60 * megabyte)).status).toBe(507)
  const both = await Promise.all([upload('a', 20 * megabyte), upload('b', 20 * megabyte)])
  expect(both.map(({ status }) => status).toSorted((left, right) => left - right)).toEqual([200, 507])
  await disk.clear()
})

test.for([
  ['nearly full', keptFree / 2],
  ['full', 0],
] as const)('while the disk is %s, every write is 507, reading goes on, and it is told', async ([, left], context) => {
  if (!disk) return context.skip('this process may not mount a file system')
  expect((await ask('POST', '/v1/ingest/calls', [phoneCall('c')])).status).toBe(200)
  await disk.fill(left)
  await until('it is noticed', async () =>
    (await (await fetch(`${server.url}/ready`)).text()).includes('"disk":"full"'),
  )
  expect(await statusesOfWriting()).toEqual(Array(8).fill(507))
  expect(await statusesOfReading()).toEqual(Array(5).fill(200))
  const ready = await fetch(`${server.url}/ready`)
  expect({ status: ready.status, ...JSON.parse(await ready.text()) }).toMatchObject({
    status: 'read-only',
    disk: 'full',
  })
  expect(ready.status).toBe(200)
  await disk.clear()
  await until(
    'it takes calls again',
    async () => (await ask('POST', '/v1/ingest/calls', [phoneCall('d')])).status === 200,
  )
})

test('filled in the midst of writing, what was acknowledged is there when there is space, and reading never stopped', async (context) => {
  if (!disk) return context.skip('this process may not mount a file system')
  const acknowledged: string[] = []
  const statuses = new Set<number>()
  let isOver = false
  const senders = ['x', 'y', 'z'].map(async (name) => {
    for (let index = 0; !isOver; index++) {
      const ids = Array.from({ length: 50 }, (_, part) => `${name}${index}-${part}`)
      const { status } = await ask('POST', '/v1/ingest/calls', ids.map(phoneCall))
      if (status === 200) acknowledged.push(...ids)
      else {
        statuses.add(status)
        await pause(50)
      }
    }
  })
  try {
    await until('it takes calls', () => acknowledged.length > 500)
    await disk.fill(0)
    await until('it is full', () => statuses.size > 0)
    expect(await statusesOfReading()).toEqual(Array(5).fill(200))
    await disk.clear()
    const before = acknowledged.length
    await until('it takes calls again', () => acknowledged.length > before + 500)
  } finally {
    isOver = true
    await Promise.all(senders)
  }
  expect([...statuses].filter((status) => status !== 507 && status !== 503)).toEqual([])
  const stored = await allCalls()
  const missing = acknowledged.filter((id) => !stored.has(id))
  expect(missing).toEqual([])
})

async function allCalls(): Promise<Set<string>> {
  const ids = new Set<string>()
  let cursor = ''
  for (;;) {
    const { text } = await ask('GET', `/v1/records/calls?limit=1000${cursor}`)
    const page = JSON.parse(text)
    for (const { id } of page.data) {
      expect(ids.has(id), `${id} stands twice`).toBe(false)
      ids.add(id)
    }
    if (!page.nextCursor) return ids
    cursor = `&cursor=${encodeURIComponent(page.nextCursor)}`
  }
}
