import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { call, createKey, phoneCall, run, scratchFolder, serve, type PrintedKey, type Serving } from './program.ts'

let folder: Awaited<ReturnType<typeof scratchFolder>>
let settings: Record<string, string>
let server: Serving
let key: PrintedKey

beforeAll(async () => {
  folder = await scratchFolder()
  settings = { EARSHOT_DATA_DIR: join(folder.path, 'data') }
  server = await serve(settings)
  key = await createKey(settings, 'importer')
}, 60_000)

afterAll(() => folder.remove())

/** Imports a file of these bytes as calls. */
async function importFile(name: string, bytes: string | Uint8Array, ...options: string[]) {
  const file = join(folder.path, name)
  await writeFile(file, bytes)
  const ended = await run(settings, 'import', file, '--collection', 'calls', '--account', 'importer', ...options)
  return { file, ...ended }
}

const line = (id: string, more: object = {}) => JSON.stringify({ ...phoneCall(id), ...more })

test('only a line feed ends a record, whatever stands in its texts', async () => {
  const notes = 'a\u2028b\u2029c\u0085d\fe\u001Cf 😀 "\\" \uFFFF'
  const ended = await importFile('separators.ndjson', `\uFEFF${line('s1', { notes })}\r\n \r\n${line('s2', { notes })}`)
  expect(ended).toMatchObject({ code: 0, stdout: expect.stringContaining('2 records taken: 2 new') })
  for (const id of ['s1', 's2']) {
    expect((await call(server.url, key.apiKey, `/v1/records/calls/${id}`)).json.data.notes).toBe(notes)
  }
})

test('bytes that are not UTF-8 and lines that are too long are refused by file and line, and skipped if that is asked for', async () => {
  const latin = Buffer.concat([
    Buffer.from(`${line('u1')}\n`),
    Buffer.from(`${line('u2', { notes: 'Núñez' })}\n`, 'latin1'),
    Buffer.from(`${line('u3', { notes: 'x'.repeat(40_000_000) })}\n${line('u4')}\n`),
  ])
  const stopped = await importFile('latin.ndjson', latin)
  expect(stopped).toMatchObject({ code: 1, stdout: expect.stringContaining('0 records taken') })
  expect(stopped.stderr).toContain(`${stopped.file}:2: The line is not well-formed UTF-8`)
  expect(stopped.stderr).toContain(`${stopped.file}:3: The line has more than 33554432 bytes`)
  const skipped = await importFile('latin.ndjson', latin, '--on-error', 'skip', '--json')
  expect(JSON.parse(skipped.stdout)).toMatchObject({ created: 2, rejected: 2, faults: [{ line: 2 }, { line: 3 }] })
})

test.each([
  ['array.ndjson', `[${line('f1')},\n${line('f2')}]`, 'it is a JSON array'],
  ['pretty.ndjson', JSON.stringify(phoneCall('f1'), undefined, 2), 'one JSON value over several lines'],
  ['calls.csv', `id,channel\nf1,phone\n`, 'CSV becomes NDJSON with'],
  ['packed.ndjson', gzipSync(line('f1')), 'it is packed with gzip'],
  ['wide.ndjson', Buffer.from(`\uFEFF${line('f1')}`, 'utf16le'), 'it is UTF-16'],
])('%s is named as what it is', async (name, bytes, found) => {
  for (const options of [[], ['--on-error', 'skip']]) {
    const ended = await importFile(name, bytes, ...options)
    expect(ended.code).toBe(1)
    expect(ended.stderr).toMatch(/^earshot: .+\n$/)
    expect(ended.stderr).toContain(`${ended.file} is not NDJSON`)
    expect(ended.stderr).toContain(found)
  }
})
