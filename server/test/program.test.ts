import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { settings as allSettings } from '../src/settings.ts'
import {
  call,
  createKey,
  lives,
  phoneCall,
  postgresPids,
  root,
  run,
  scratchFolder,
  serve,
  start,
  until,
} from './program.ts'

let folder: Awaited<ReturnType<typeof scratchFolder>>
let settings: Record<string, string>

beforeAll(async () => {
  folder = await scratchFolder()
  settings = { EARSHOT_DATA_DIR: join(folder.path, 'data') }
})

afterAll(() => folder.remove())

/** One line that tells what is wrong, and nothing of the program's inside. */
function expectRefusal(ended: { code: number | null; stderr: string }, ...words: string[]): void {
  expect(ended.code).toBe(1)
  expect(ended.stderr).toMatch(/^earshot: .+\n$/)
  expect(ended.stderr).not.toContain(' at ')
  for (const word of words) expect(ended.stderr).toContain(word)
}

test('keys are made while nothing runs, two at once in a new folder, and leave no PostgreSQL behind', async () => {
  const [first, second] = await Promise.all([createKey(settings, 'acme'), createKey(settings, 'acme')])
  expect(Object.keys(first).slice(0, 4)).toEqual(['account', 'apiKey', 'hmacSecret', 'jwt'])
  expect(first.apiKey).not.toBe(second.apiKey)
  const listed = JSON.parse((await run(settings, 'keys', 'list', '--json')).stdout)
  expect(listed).toHaveLength(2)
  const accounts = JSON.parse((await run(settings, 'accounts', 'list', '--json')).stdout)
  expect(accounts.map(({ name }: { name: string }) => name)).toEqual(['acme'])
  expect(postgresPids(settings['EARSHOT_DATA_DIR'] ?? '')).toEqual([])
})

test('keys are made, rotated and revoked while the server runs; a second server is refused', async () => {
  const server = await serve(settings)
  const second = run(settings, 'serve')
  const keys = await Promise.all([createKey(settings, 'acme'), createKey(settings, 'beta')])
  for (const { apiKey } of keys) {
    expect((await call(server.url, apiKey, '/v1/records/calls')).status).toBe(200)
  }
  const listed = JSON.parse((await run(settings, 'keys', 'list', '--account', 'beta', '--json')).stdout)
  await run(settings, 'keys', 'rotate', listed[0].id, '--overlap', '0')
  const beta = keys[1]?.apiKey ?? ''
  await until('the rotated key ends', async () => (await call(server.url, beta, '/v1/records/calls')).status === 401)
  expectRefusal(await second, 'is in use by another Earshot', `pid ${server.pid}`)
  expectRefusal(await run(settings, 'keys', 'revoke', 'nothing'), 'There is no key')
  server.process.kill('SIGTERM')
  expect((await server.ended).code).toBe(0)
  expect(postgresPids(settings['EARSHOT_DATA_DIR'] ?? '')).toEqual([])
})

test('a killed program takes its server along; the next start serves what was acknowledged', async () => {
  const { apiKey } = await createKey(settings, 'acme')
  const server = await serve(settings)
  expect((await call(server.url, apiKey, '/v1/ingest/calls', [phoneCall('kept')])).status).toBe(200)
  server.process.kill('SIGKILL')
  await until('the server is gone', () => !lives(server.pid))
  const next = await serve(settings)
  expect((await call(next.url, apiKey, '/v1/records/calls/kept')).status).toBe(200)
  // A terminal and npm both pass a Ctrl-C on: twice within moments is once.
  next.process.kill('SIGINT')
  next.process.kill('SIGINT')
  expect((await next.ended).code).toBe(0)
})

describe('what cannot be started is refused in one line', () => {
  test('a wrong setting, an unknown one', async () => {
    expectRefusal(await run({ ...settings, EARSHOT_PORT: 'http' }, 'serve'), 'EARSHOT_PORT', '"http"')
    expectRefusal(await run({ ...settings, EARSHOT_PROT: '1' }, 'config'), 'EARSHOT_PROT')
  })

  test('a port in use', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve))
    const { port } = taken.address() as { port: number }
    expectRefusal(await run({ ...settings, EARSHOT_PORT: String(port) }, 'serve'), `Port ${port}`, 'EARSHOT_PORT')
    await new Promise((resolve) => taken.close(resolve))
    expect(postgresPids(settings['EARSHOT_DATA_DIR'] ?? '')).toEqual([])
  })

  test('a data folder that is a file', async () => {
    const file = join(folder.path, 'file')
    await writeFile(file, '')
    expectRefusal(await run({ EARSHOT_DATA_DIR: file }, 'serve'), 'EARSHOT_DATA_DIR')
  })

  test('a command that there is not, an option that is missing', async () => {
    const unknown = await run(settings, 'server')
    expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining("unknown command 'server'") })
    const missing = await run(settings, 'keys', 'create')
    expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining('--account <name>') })
  })
})

test('with the master key lost for good, reset replaces the secrets and keeps calls and keys', async () => {
  const own = { EARSHOT_DATA_DIR: join(folder.path, 'reset') }
  const { apiKey, jwt } = await createKey(own, 'acme')
  const path = join(own.EARSHOT_DATA_DIR, 'master.key')
  const readCalls = async (url: string, headers: Record<string, string>) => {
    const answer = await fetch(`${url}/v1/records/calls?limit=1`, { headers })
    return [answer.status, (await answer.text()).includes('"kept"')]
  }
  const first = await serve(own)
  expect((await call(first.url, apiKey, '/v1/ingest/calls', [phoneCall('kept')])).status).toBe(200)
  expect(await readCalls(first.url, { Authorization: `Bearer ${jwt}` })).toEqual([200, true])
  expectRefusal(await run(own, 'master-key', 'reset', '--yes'), `pid ${first.pid}`)
  first.process.kill('SIGTERM')
  await first.ended
  // With the right key nothing is lost.
  expectRefusal(await run(own, 'master-key', 'reset', '--yes'), 'master-key rotate')
  await rm(path)
  expectRefusal(await run(own, 'master-key', 'reset'), '--yes')
  expect(existsSync(path)).toBe(false)
  expect(JSON.parse((await run(own, 'master-key', 'reset', '--yes', '--json')).stdout)).toEqual({
    'accounts.jwt_secret': 1,
    'api_keys.hmac_secret': 1,
  })
  const second = await serve(own)
  expect(await readCalls(second.url, { 'X-Api-Key': apiKey })).toEqual([200, true])
  expect(await readCalls(second.url, { Authorization: `Bearer ${jwt}` })).toEqual([401, false])
  second.process.kill('SIGTERM')
  await second.ended
}, 180_000)

test('without its master key, or with another, nothing is opened and no key is made', async () => {
  const own = { EARSHOT_DATA_DIR: join(folder.path, 'locked') }
  await createKey(own, 'acme')
  const path = join(own.EARSHOT_DATA_DIR, 'master.key')
  const key = await readFile(path, 'utf8')
  const expectLocked = async (given: Record<string, string>, ...words: string[]) => {
    for (const command of [['serve'], ['keys', 'list']])
      expectRefusal(await run(given, ...command), 'master.key', ...words)
    const { stdout, code } = await run(given, 'doctor')
    expect(code).toBe(1)
    expect(stdout).toMatch(/FAIL {2}master key .*\n +→ .*EARSHOT_MASTER_KEY/)
    expect(postgresPids(own.EARSHOT_DATA_DIR)).toEqual([])
  }
  await rm(path)
  await expectLocked(own, `${path} is missing`)
  expect(existsSync(path)).toBe(false)
  await expectLocked({ ...own, EARSHOT_MASTER_KEY: 'cd'.repeat(32) }, 'does not open the stored secrets')
  await writeFile(path, `${'ef'.repeat(32)}\n`)
  await expectLocked(own, 'does not open the stored secrets')
  await writeFile(path, key)
  expect(JSON.parse((await run(own, 'keys', 'list', '--json')).stdout)).toHaveLength(1)
}, 180_000)

test('config lists every setting and hides secrets', async () => {
  const masterKey = 'ab'.repeat(32)
  const { stdout } = await run({ ...settings, EARSHOT_MASTER_KEY: masterKey }, 'config')
  for (const { name, description } of Object.values(allSettings)) {
    expect(stdout).toContain(`${name}=`)
    expect(stdout).toContain(description)
  }
  expect(stdout).not.toContain(masterKey)
})

test('every command explains itself with an example', async () => {
  const explained: string[] = []
  const explain = async (path: string[]): Promise<void> => {
    const { stdout } = await run(settings, ...path, '--help')
    const own = [...stdout.matchAll(/^ {2}([a-z-]+)(?: |$)/gm)].map((match) => match[1] ?? '')
    const commands = stdout.includes('\nCommands:\n') ? own.filter((name) => name !== 'help') : []
    for (const command of commands) await explain([...path, command])
    if (commands.length > 0 || path[0] === 'version') return
    expect(stdout, path.join(' ')).toContain('Examples:')
    explained.push(path.join(' '))
  }
  await explain([])
  expect(explained).toEqual(expect.arrayContaining(['serve', 'keys create', 'feed release', 'master-key rotate']))
})

describe('doctor', () => {
  test('finds a healthy folder healthy, also while it is served', async () => {
    expect(await run(settings, 'doctor')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('Earshot can run here'),
    })
    const server = await serve(settings)
    const { stdout, code } = await run(settings, 'doctor', '--json')
    expect(code).toBe(0)
    const { checks } = JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as {
      checks: { check: string; found: string }[]
    }
    expect(checks.find(({ check }) => check === 'ClickHouse')?.found).toContain('held by the running server')
    server.process.kill('SIGTERM')
    await server.ended
  })

  test('says what to mend', async () => {
    await createKey(settings, 'acme')
    const lostKey = await run({ ...settings, EARSHOT_MASTER_KEY: 'cd'.repeat(32) }, 'doctor')
    expect(lostKey).toMatchObject({
      code: 1,
      stdout: expect.stringMatching(/FAIL {2}master key .*\n +→ .*EARSHOT_MASTER_KEY/),
    })
    const file = join(folder.path, 'another')
    await writeFile(file, '')
    const noFolder = await run({ EARSHOT_DATA_DIR: file }, 'doctor')
    expect(noFolder).toMatchObject({ code: 1, stdout: expect.stringMatching(/FAIL {2}data folder .*is a file/) })
  })
})

test('records are imported with faults named by line, and exported, with no server running', async () => {
  await createKey(settings, 'importer')
  const file = join(folder.path, 'calls.ndjson')
  const lines = [phoneCall('i1'), { ...phoneCall('i2'), channel: 'fax' }, phoneCall('i3')].map((record) =>
    JSON.stringify(record),
  )
  await writeFile(file, `${lines[0]}\n\n${lines[1]}\nbroken\n${lines[2]}\n`)
  const words = ['import', file, '--collection', 'calls', '--account', 'importer']
  const stopped = await run(settings, ...words)
  expect(stopped).toMatchObject({ code: 1, stderr: expect.stringContaining(`${file}:4: `) })
  const skipped = await run(settings, ...words, '--on-error', 'skip', '--json')
  expect(skipped.code).toBe(0)
  expect(JSON.parse(skipped.stdout)).toMatchObject({ created: 2, rejected: 2, faults: [{ line: 3 }, { line: 4 }] })
  const out = join(folder.path, 'out', 'may.csv')
  await mkdir(join(folder.path, 'out'))
  const exported = await run(
    settings,
    'export',
    'ai-calls',
    '--account',
    'importer',
    '--from',
    '2026-05-01',
    '--to',
    '2026-05-31',
    '--out',
    out,
    '--json',
  )
  expect(exported.stderr.replace(/^Exporting.*\n/gm, '')).toBe('')
  expect(JSON.parse(exported.stdout)).toMatchObject({ file: out, rowCount: 2 })
  expectRefusal(
    await run(settings, 'import', file, '--collection', 'calls', '--account', 'nobody'),
    'There is no account "nobody"',
  )
})

test('what stands at standard input is imported if that is asked for, and never taken for rows by the engine', async () => {
  await createKey(settings, 'piped')
  const [piped, named] = ['piped', 'named'].map((name) => join(folder.path, `${name}.ndjson`))
  const lines = (name: string, count: number): string =>
    Array.from({ length: count }, (_, index) => `${JSON.stringify(phoneCall(`${name}${index}`))}\n`).join('')
  await writeFile(String(piped), lines('p', 12_000))
  await writeFile(String(named), lines('n', 100))
  const words = '--collection calls --account piped --json'
  for (const [line, created] of [
    [`cat "${piped}" | "$0" bin/earshot.js import - ${words}`, 12_000],
    [`yes '[1]' | "$0" bin/earshot.js import "${named}" ${words}`, 100],
  ] as const) {
    const { stdout } = await promisify(execFile)('sh', ['-c', line, process.execPath], {
      cwd: root,
      env: { ...process.env, ...settings },
    })
    expect(JSON.parse(stdout)).toMatchObject({ created, rejected: 0 })
  }
})

test('demonstration data is loaded once, goes on after a kill, and its key is kept', async () => {
  const own = { EARSHOT_DATA_DIR: join(folder.path, 'demo') }
  const first = start(own, 'serve', '--demo')
  await until('the demonstration is being loaded', () => first.output.stdout.includes('/v1/ingest/:collection'))
  first.process.kill('SIGKILL')
  await first.ended
  const second = start(own, 'serve', '--demo')
  const ready = /API key +(?<apiKey>ak_live_\w+)\n +Try it +curl -H '[^']+' '(?<url>http:\/\/127\.0\.0\.1:\d+)/
  await until('all is loaded', () => ready.test(second.output.stdout))
  const { apiKey = '', url = '' } = ready.exec(second.output.stdout)?.groups ?? {}
  const page = await call(url, apiKey, '/v1/records/calls?limit=1')
  expect(page.status).toBe(200)
  second.process.kill('SIGTERM')
  expect((await second.ended).code).toBe(0)
  const third = start(own, 'serve', '--demo')
  await until('the server is ready', () => ready.test(third.output.stdout))
  expect(ready.exec(third.output.stdout)?.groups?.['apiKey']).toBe(apiKey)
  expect(third.output.stdout).not.toContain('/v1/ingest/:collection')
  const out = join(folder.path, 'demo.csv')
  const today = new Date().toISOString().slice(0, 10)
  const before = new Date(Date.now() - 40 * 86_400_000).toISOString().slice(0, 10)
  const exported = await run(
    own,
    'export',
    'ai-calls',
    '--account',
    'demo',
    '--from',
    before,
    '--to',
    today,
    '--out',
    out,
    '--json',
  )
  const { rowCount } = JSON.parse(exported.stdout)
  // Of the 5,000 a few are still going on.
  expect(rowCount).toBeGreaterThan(4_900)
  expect(rowCount).toBeLessThanOrEqual(5_000)
  third.process.kill('SIGTERM')
  await third.ended
})
