import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { call, createKey, phoneCall, run, scratchFolder, serve, start, until, type Serving } from './program.ts'

let folder: Awaited<ReturnType<typeof scratchFolder>>
let settings: Record<string, string>
let server: Serving

beforeAll(async () => {
  folder = await scratchFolder()
  settings = { EARSHOT_DATA_DIR: join(folder.path, 'data') }
  server = await serve(settings)
  const { apiKey } = await createKey(settings, 'acme')
  await call(server.url, apiKey, '/v1/ingest/calls', ['one', 'two'].map(phoneCall))
}, 60_000)

afterAll(() => folder.remove())

const words = (dataset: string, out: string, more: Record<string, string> = {}) => [
  'export',
  dataset,
  ...Object.entries({ account: 'acme', from: '2026-05-01', to: '2026-05-31', out, ...more }).flatMap(
    ([name, value]) => [`--${name}`, value],
  ),
]
const inFolder = (name: string) => join(folder.path, name)

test('every dataset comes in the format of the name, and to standard output, and no key is left', async () => {
  const csv = await run(settings, ...words('calls', inFolder('calls.csv')))
  expect(csv).toMatchObject({ code: 0, stdout: expect.stringContaining('2 rows written to') })
  expect(await readFile(inFolder('calls.csv'), 'utf8')).toContain('one')
  await run(settings, ...words('calls', inFolder('calls.jsonl.gz')))
  const lines = gunzipSync(await readFile(inFolder('calls.jsonl.gz'))).toString()
  expect(lines.trimEnd().split('\n')).toHaveLength(2)
  await run(settings, ...words('ai-calls', inFolder('calls.XLSX')))
  expect((await readFile(inFolder('calls.XLSX'))).subarray(0, 2).toString()).toBe('PK')
  const printed = await run(settings, ...words('agent', '-', { format: 'ndjson' }))
  expect(printed).toMatchObject({ code: 0, stdout: '' })
  const standard = await run(settings, ...words('calls', '-', { to: '2026-05-03' }))
  expect(standard.stdout).toBe(await readFile(inFolder('calls.csv'), 'utf8'))
  const keys = JSON.parse((await run(settings, 'keys', 'list', '--json')).stdout)
  expect(keys).toHaveLength(1)
}, 120_000)

test('what cannot be is said once, in the words of the command, before anything is exported', async () => {
  await writeFile(inFolder('there.csv'), 'kept')
  await mkdir(inFolder('folder'))
  for (const [given, message] of [
    [words('calls', inFolder('folder')), 'which is a folder'],
    [words('calls', inFolder('nowhere/calls.csv')), 'nothing can be written'],
    [words('calls', inFolder('there.csv')), 'is there already; name another file, or write over it with --force'],
    [words('calls', '-', { from: '2026-06-01' }), '--to is 2026-05-31, which is before --from, 2026-06-01'],
    [words('calls', '-', { from: '1.6.2026' }), '--from must be a date in the form YYYY-MM-DD'],
    [words('calls', '-', { timezone: 'Santiago' }), '--timezone must be an IANA time zone name'],
    [words('call', '-'), 'it must be one of ai-calls, calls, engagement'],
    [words('calls', '-', { format: 'xlsx' }), '--format is "xlsx"; calls comes as csv or ndjson or parquet'],
    [words('ai-calls', inFolder('calls.parquet')), 'The name of --out asks for parquet; ai-calls comes as csv or xlsx'],
    [
      words('calls', '-', { account: 'nobody' }),
      `no account "nobody" in the data folder ${settings['EARSHOT_DATA_DIR']}`,
    ],
  ] as const) {
    const ended = await run(settings, ...given)
    expect(ended).toMatchObject({ code: 1, stdout: '' })
    expect(ended.stderr).toMatch(/^earshot: .+\n$/)
    expect(ended.stderr.split(message)).toHaveLength(2)
  }
  expect(await readFile(inFolder('there.csv'), 'utf8')).toBe('kept')
  const forced = await run(settings, ...words('calls', inFolder('there.csv')), '--force')
  expect(forced).toMatchObject({ code: 0 })
  expect(await readFile(inFolder('there.csv'), 'utf8')).toContain('one')
}, 180_000)

test('an export that is stopped leaves no key behind', async () => {
  const requests = () => server.output.stdout.split('/v1/exports').length
  const before = requests()
  const exporting = start(settings, ...words('calls', '-', { format: 'parquet' }))
  await until('the export has begun', () => requests() > before)
  exporting.process.kill('SIGINT')
  await exporting.ended
  expect(JSON.parse((await run(settings, 'keys', 'list', '--json')).stdout)).toHaveLength(1)
}, 60_000)

test('a command makes no data folder, but says which one it looked for', async () => {
  const missing = { EARSHOT_DATA_DIR: inFolder('missing') }
  for (const command of [
    words('calls', '-'),
    ['import', inFolder('calls.csv'), '--collection', 'calls', '--account', 'acme'],
    ['keys', 'list'],
    ['users', 'list'],
    ['accounts', 'list'],
    ['backup', inFolder('backup')],
    ['migrate'],
  ]) {
    const ended = await run(missing, ...command)
    expect(ended.code).toBe(1)
    expect(ended.stderr).toContain(`There is no data folder of Earshot at ${missing.EARSHOT_DATA_DIR}`)
  }
  expect(existsSync(missing.EARSHOT_DATA_DIR)).toBe(false)
}, 120_000)
