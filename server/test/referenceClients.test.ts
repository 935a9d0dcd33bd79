import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { waitForEnd } from './signedRequest.ts'
import { openTestApp, type TestAccount, type TestApp } from './testApp.ts'

// The published reference clients of the signed exports, byte for byte but for the host and the keys.

const run = promisify(execFile)
const missing = (program: string) => spawnSync(program, ['--version']).error !== undefined

let earshot: TestApp
let account: TestAccount
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'earshot-clients-'))
  earshot = await openTestApp()
  earshot.ports.jobs.start()
  account = await earshot.account({ scopes: ['analytics:export', 'ingest:write'] })
  const calls = ['2026-05-03T04:00:00Z', '2026-05-11T03:59:59Z', '2026-05-11T04:00:00Z'].map((endedAt, index) => ({
    id: `c${index}`,
    channel: 'phone',
    status: 'completed',
    startedAt: '2026-05-01T00:00:00Z',
    endedAt,
  }))
  await account.request('POST', '/v1/ingest/calls', calls)
})
afterAll(async () => {
  await earshot.close()
  await rm(folder, { recursive: true, force: true })
})

/** The client with these texts in the place of its own; each must be there once. */
async function adapted(name: string, changes: Record<string, string>): Promise<string> {
  let text = await readFile(join(import.meta.dirname, 'clients', name), 'utf8')
  for (const [from, to] of Object.entries(changes)) {
    expect(text.split(from)).toHaveLength(2)
    text = text.replace(from, to)
  }
  const path = join(folder, name)
  await writeFile(path, text)
  return path
}

test.skipIf(missing('python3'))('the Python client (skipped where there is no python3)', async () => {
  const path = await adapted('aiCallsExport.py', { 'https://api.auralytik.ai': earshot.url })
  const env = { ...process.env, API_KEY: account.apiKey, HMAC_KEY: account.hmacSecret }
  const { stdout } = await run('python3', [path], { cwd: folder, env })
  const name = 'ai-calls_2026-05-03_2026-05-10_America-Santiago.csv'
  expect(stdout).toMatch(/^status=\w+ progress=\d+%\n/)
  expect(stdout).toContain(`status=completed progress=100%\nSaved: ${name}\n`)
  const lines = (await readFile(join(folder, name), 'utf8')).split('\r\n')
  expect(lines[0]).toMatch(/^\ufeffEstado,Fecha,Teléfono,CallId,/)
  expect(lines.slice(1)).toEqual([
    'Not Evaluated,2026-05-10 23:59:59,,c1,,,,878399,,,,,,No,,,,',
    'Not Evaluated,2026-05-03 00:00:00,,c0,,,,187200,,,,,,No,,,,',
    '',
  ])
})

test.skipIf(['curl', 'openssl', 'bash'].some(missing))(
  'the shell client (skipped where there is no curl, openssl or bash)',
  async () => {
    const path = await adapted('aiCallsExport.sh', {
      'ak_live_...': account.apiKey,
      'hmac_...': account.hmacSecret,
      'https://api.auralytik.ai': earshot.url,
    })
    const { stdout } = await run('bash', [path], { cwd: folder })
    const answer = JSON.parse(stdout)
    expect(answer).toEqual({ data: { jobId: expect.any(String), status: 'queued' } })
    expect(await waitForEnd(earshot, account, answer.data.jobId)).toMatchObject({ status: 'completed', rowCount: 2 })
  },
)
