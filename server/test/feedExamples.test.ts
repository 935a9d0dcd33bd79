import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ingest, phoneCall } from './feedCalls.ts'
import { openTestApp, type TestAccount, type TestApp } from './testApp.ts'

// The loaders under examples/, as their readers run them.

const run = promisify(execFile)
const examples = join(import.meta.dirname, '../../examples/call-feed')
const hasPython = spawnSync('python3', ['--version']).error === undefined

let earshot: TestApp
let scratch: string

beforeAll(async () => {
  earshot = await openTestApp()
  scratch = await mkdtemp(join(tmpdir(), 'earshot-examples-'))
})
afterAll(async () => {
  await earshot.close()
  await rm(scratch, { recursive: true, force: true })
})

async function load(program: string, script: string, account: TestAccount, folder: string): Promise<string> {
  const env = {
    ...process.env,
    EARSHOT_URL: earshot.url,
    EARSHOT_JWT: account.jwt,
    EARSHOT_PER_PAGE: '3',
  }
  const { stdout } = await run(program, [join(examples, script), folder], { env })
  return stdout
}

/** The `callId`s in all files of a folder, in the order of the files. */
async function loaded(folder: string): Promise<number[]> {
  const names = (await readdir(folder)).toSorted()
  const files = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')))
  return files.flatMap((file) => {
    const rows: Record<string, string>[] = parse(file, { columns: true })
    return rows.map((row) => Number(row['callId']))
  })
}

describe.each([
  ['Python (skipped where there is no python3)', 'python3', 'loader.py', !hasPython],
  ['TypeScript', process.execPath, 'loader.ts', false],
])('the loader in %s', (_, program, script, isSkipped) => {
  test.skipIf(isSkipped)('exports every finished call once, over several runs', async () => {
    const account = await earshot.account()
    const folder = join(scratch, script)
    const notes = 'two\r\nlines, "quoted"'
    const calls = Array.from({ length: 10 }, (_call, index) => phoneCall(`c${index + 1}`, { notes }))
    await ingest(account, 'calls', [...calls.slice(0, 7), { ...calls[7], phase: 'PROCESSING' }, ...calls.slice(8)])

    expect(await load(program, script, account, folder)).toBe('7 calls exported; the highest callId is 7.\n')
    expect(await readdir(folder)).toEqual([
      'calls-000000001-000000003.csv',
      'calls-000000004-000000006.csv',
      'calls-000000007-000000007.csv',
    ])
    expect(await load(program, script, account, folder)).toBe('0 calls exported; the highest callId is 7.\n')
    await ingest(account, 'calls', [{ id: 'c8', phase: 'DONE' }, phoneCall('c11')])
    expect(await load(program, script, account, folder)).toBe('4 calls exported; the highest callId is 11.\n')
    expect(await loaded(folder)).toEqual(Array.from({ length: 11 }, (_number, index) => index + 1))
  })

  test.skipIf(isSkipped)('says why it cannot, and writes nothing', async () => {
    const account = await earshot.account({ scopes: ['ingest:write'] })
    const folder = join(scratch, `${script}-refused`)
    await expect(load(program, script, account, folder)).rejects.toThrow(/403.*Forbidden/s)
    expect(await readdir(folder)).toEqual([])
  })
})

// The published loader, word for word where it talks to the server: pages with a constant afterCallId, lines split the way
// Python does, the last row's callId as the new maximum.
const publishedLoop = `
import csv, json, sys, urllib.request
host, jwt_token, per_page = sys.argv[1], sys.argv[2], 2
max_exported_callid, from_time, page, exported = 0, "2020-01-01T00:00:00Z", 1, []
new_max = max_exported_callid
while True:
    url = f"{host}/v1/sa/call?format=csv&per_page={per_page}&page={page}&afterCallId={max_exported_callid}&consecutive=true&fromTime={from_time}&toTime=2525-01-01T00:00:00Z"
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {jwt_token}", "Accept": "*/*"})
    with urllib.request.urlopen(request) as response:
        if response.status != 200: break
        content = response.read()
    rows = list(csv.reader(content.decode('utf-8').splitlines()))
    if len(rows) <= 1: break
    header = rows[0]
    exported += [row[header.index('callId')] for row in rows[1:]]
    new_max = int(rows[-1][header.index('callId')])
    page += 1
print(json.dumps([exported, new_max, page]))`

test.skipIf(!hasPython)('the published loader’s loop (skipped where there is no python3)', async () => {
  const account = await earshot.account()
  const notes = 'page\fbreak, line\u2028break,\nand "more"'
  await ingest(
    account,
    'calls',
    Array.from({ length: 12 }, (_, index) => phoneCall(`c${index}`, index === 11 ? { phase: 'QUEUED' } : { notes })),
  )
  const { stdout } = await run('python3', ['-c', publishedLoop, earshot.url, account.jwt])
  const numbers = Array.from({ length: 11 }, (_, index) => String(index + 1))
  expect(JSON.parse(stdout)).toEqual([numbers, 11, 7])
})
