import { appendFile, readdir, readFile, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { signatureOf, bodyHashOf, canonicalText } from '../src/api/auth/signature.ts'
import { call, createKey, phoneCall, run, scratchFolder, serve, until, type PrintedKey } from './program.ts'

// Servers are started, backed up and restored again and again.
vi.setConfig({ testTimeout: 240_000 })

let folder: Awaited<ReturnType<typeof scratchFolder>>

beforeAll(async () => {
  folder = await scratchFolder()
})

afterAll(() => folder.remove())

const inFolder = (name: string) => ({ EARSHOT_DATA_DIR: join(folder.path, name) })

interface Writers {
  acknowledged: Set<string>
  stop(): Promise<void>
}

/** Senders of new and of repeated calls that go on until they are stopped. */
function startWriters(url: string, key: PrintedKey): Writers {
  const acknowledged = new Set<string>()
  let isStopped = false
  async function write(writer: number): Promise<void> {
    for (let batch = 0; !isStopped; batch++) {
      const ids = Array.from({ length: 20 }, (_, index) => `w${writer}-${batch}-${index}`)
      const records = [...ids.map(phoneCall), { ...phoneCall(`w${writer}-0-0`), notes: `batch ${batch}` }]
      const { status } = await call(url, key.apiKey, '/v1/ingest/calls', records)
      if (status === 200) for (const id of ids) acknowledged.add(id)
    }
  }
  const writers = [write(1), write(2), write(3)]
  return {
    acknowledged,
    async stop() {
      isStopped = true
      await Promise.all(writers)
    },
  }
}

/** Every call of the account by its id, with its number. */
async function readCalls(url: string, apiKey: string): Promise<Map<string, number>> {
  const found = new Map<string, number>()
  let cursor: string | null = ''
  while (cursor !== null) {
    const page: { json: { data: { id: string; number: number }[]; nextCursor: string | null } } = await call(
      url,
      apiKey,
      `/v1/records/calls?limit=1000${cursor && `&cursor=${cursor}`}`,
    )
    for (const { id, number } of page.json.data) found.set(id, number)
    cursor = page.json.nextCursor
  }
  return found
}

async function signedStatus(url: string, key: PrintedKey): Promise<number> {
  const path = '/api/v1/exports/00000000-0000-4000-8000-000000000000'
  const timestamp = String(Math.floor(Date.now() / 1000))
  const signature = signatureOf(key.hmacSecret, canonicalText(timestamp, 'GET', path, bodyHashOf(Buffer.alloc(0))))
  const headers = { 'X-Api-Key': key.apiKey, 'X-Timestamp': timestamp, 'X-Signature': signature }
  return (await fetch(`${url}${path}`, { headers })).status
}

test('a backup under load holds what was acknowledged before it, and goes on from there when it is restored', async () => {
  const source = inFolder('source')
  const backup = join(folder.path, 'backup')
  const key = await createKey(source, 'acme')
  const server = await serve(source)
  const writers = startWriters(server.url, key)
  await until('calls come in', () => writers.acknowledged.size >= 400)
  const before = new Set(writers.acknowledged)
  const ended = await run(source, 'backup', backup, '--json')
  expect(ended).toMatchObject({ code: 0 })
  const atEnd = writers.acknowledged.size
  await until('writing goes on', () => writers.acknowledged.size > atEnd)
  await writers.stop()
  expect(await readdir(join(source.EARSHOT_DATA_DIR, 'clickhouse', 'shadow'))).toEqual(['increment.txt'])
  expect(existsSync(`${backup}.partial`)).toBe(false)
  server.process.kill('SIGTERM')
  await server.ended

  const target = inFolder('target')
  expect(await run(target, 'restore', backup)).toMatchObject({ code: 0 })
  const restored = await serve(target)
  const calls = await readCalls(restored.url, key.apiKey)
  for (const id of before) expect(calls.has(id)).toBe(true)
  const numbers = [...calls.values()]
  expect(new Set(numbers).size).toBe(numbers.length)
  expect(Math.max(...numbers)).toBe(numbers.length)

  // What was written after the backup is sent again: it finds its place after the rest, and nothing twice.
  const all = [...writers.acknowledged].filter((id) => !calls.has(id)).slice(0, 500)
  const again = await call(restored.url, key.apiKey, '/v1/ingest/calls', [...all, 'fresh'].map(phoneCall))
  expect(again.json.data).toMatchObject({ created: all.length + 1, rejected: 0 })
  const after = await readCalls(restored.url, key.apiKey)
  for (const [id, number] of calls) expect(after.get(id)).toBe(number)
  expect([...after.values()].sort((left, right) => left - right)).toEqual(
    Array.from({ length: calls.size + all.length + 1 }, (_, index) => index + 1),
  )
  expect(await signedStatus(restored.url, key)).toBe(404)
  restored.process.kill('SIGTERM')
  expect((await restored.ended).code).toBe(0)
})

test('restoring refuses what is not empty, not whole or under another key; --force moves aside', async () => {
  const source = inFolder('source')
  const backup = join(folder.path, 'another')
  expect(await run(source, 'backup', backup)).toMatchObject({ code: 0 })
  expect((await run(source, 'backup', backup)).stderr).toContain('is there already')
  expect((await run(source, 'restore', backup)).stderr).toContain('--force')
  expect((await run(inFolder('none'), 'restore', folder.path)).stderr).toContain('is no whole backup')

  const forced = JSON.parse((await run(source, 'restore', backup, '--force', '--json')).stdout)
  expect(existsSync(join(forced.movedTo, 'postgres', 'PG_VERSION'))).toBe(true)
  const otherKey = { ...inFolder('other'), EARSHOT_MASTER_KEY: 'ab'.repeat(32) }
  expect((await run(otherKey, 'restore', backup)).stderr).toContain('master key')

  const table = join(backup, 'postgres', 'accounts.ndjson')
  const text = await readFile(table)
  await appendFile(table, '\n')
  expect((await run(inFolder('none'), 'restore', backup)).stderr).toContain('damaged: postgres/accounts.ndjson')
  await writeFile(table, text)
  expect(existsSync(join(folder.path, 'none', 'postgres'))).toBe(false)
  expect(await run(inFolder('none'), 'restore', backup)).toMatchObject({ code: 0 })
})

test('a backup whose server stops in the middle is made by the next one', async () => {
  const source = inFolder('source')
  const backup = join(folder.path, 'third')
  const server = await serve(source)
  const asked = run(source, 'backup', backup)
  await until('the backup has begun', () => existsSync(`${backup}.partial`) || existsSync(backup))
  server.process.kill('SIGTERM')
  await server.ended
  const next = await serve(source)
  expect(await asked).toMatchObject({ code: 0 })
  expect(existsSync(join(backup, 'manifest.json'))).toBe(true)
  next.process.kill('SIGTERM')
  await next.ended
})

test('a damaged part of the call data is found, and no backup is made without its rows', async () => {
  const source = inFolder('damaged')
  const key = await createKey(source, 'acme')
  const first = await serve(source)
  await call(first.url, key.apiKey, '/v1/ingest/calls', ['one', 'two'].map(phoneCall))
  first.process.kill('SIGTERM')
  await first.ended
  const expectFound = async (path: string) => {
    const looked = await run(source, 'doctor', '--json')
    expect(looked.code).toBe(1)
    const { checks } = JSON.parse(looked.stdout)
    expect(checks).toContainEqual(
      expect.objectContaining({ check: 'call data', state: 'fail', found: expect.stringContaining(path) }),
    )
    const backup = join(folder.path, 'of-damaged')
    expect((await run(source, 'backup', backup)).stderr).toContain(path)
    expect(existsSync(backup)).toBe(false)
  }
  const part = await onlyPartOfSome(join(source.EARSHOT_DATA_DIR, 'clickhouse', 'store'))
  const data = join(part, 'data.bin')
  const bytes = await readFile(data)
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1)
  await writeFile(data, bytes)
  await expectFound(part)
  await writeFile(data, bytes.subarray(1))
  const second = await serve(source)
  await expectFound(`broken-on-start_${basename(part)}`)
  second.process.kill('SIGTERM')
  await second.ended
})

/** The only part of a table that has one: of several, some may be left over from a merge. */
async function onlyPartOfSome(store: string): Promise<string> {
  const files = (await readdir(store, { recursive: true })).filter((file) => basename(file) === 'data.bin')
  const byTable = Map.groupBy(files.map(dirname), dirname)
  const [part = ''] = [...byTable.values()].find((parts) => parts.length === 1) ?? []
  return join(store, part)
}
