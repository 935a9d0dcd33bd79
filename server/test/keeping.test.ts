import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { wavFile } from './audioFiles.ts'
import { call, createKey, phoneCall, run, scratchFolder, serve } from './program.ts'

let folder: Awaited<ReturnType<typeof scratchFolder>>
let settings: Record<string, string>

beforeAll(async () => {
  folder = await scratchFolder()
  settings = { EARSHOT_DATA_DIR: join(folder.path, 'data') }
})
afterAll(() => folder.remove())

/** What a command printed as JSON. */
async function json(...words: string[]) {
  const ended = await run(settings, ...words, '--json')
  expect(ended.stderr.replace(/^Looked at .*\n/gm, '')).toBe('')
  return JSON.parse(ended.stdout)
}

test('retention, holds and the master key are managed from the command line while the server runs', async () => {
  const { apiKey } = await createKey(settings, 'acme')
  const server = await serve(settings)
  const headers = { 'X-Api-Key': apiKey }
  await call(server.url, apiKey, '/v1/ingest/calls', [phoneCall('c1'), phoneCall('c2')])
  const audio = wavFile(1, () => [0.5])
  const sent = await fetch(`${server.url}/v1/ingest/calls/c1/recording`, {
    method: 'PUT',
    headers: { ...headers, 'Content-Type': 'audio/wav' },
    body: audio,
  })
  expect(sent.status).toBe(200)
  const linkOf = async (id: string): Promise<string> =>
    (await call(server.url, apiKey, `/api/v1/calls/${id}/recording`)).json.url
  const plays = async (url: string) => Buffer.from(await (await fetch(url)).arrayBuffer()).equals(audio)

  expect(await json('accounts', 'retention', 'acme', '--recordings', '30', '--turns', '400')).toEqual({
    account: 'acme',
    retention: { recordingsDays: 30, callsDays: null, turnsDays: 400 },
  })

  await json('holds', 'set', 'c2', '--account', 'acme', '--reason', 'matter 1')
  expect(await json('holds', 'list', '--account', 'acme')).toMatchObject([{ callId: 'c2', reason: 'matter 1' }])
  const deleted = async () => (await fetch(`${server.url}/v1/ingest/calls/c2`, { method: 'DELETE', headers })).status
  expect(await deleted()).toBe(409)
  await json('holds', 'release', 'c2', '--account', 'acme')
  expect(await deleted()).toBe(200)

  const keyFile = join(settings['EARSHOT_DATA_DIR'] ?? '', 'master.key')
  const before = await readFile(keyFile, 'utf8')
  const link = await linkOf('c1')
  expect(await json('master-key', 'rotate')).toMatchObject({ failures: [] })
  expect(await plays(link)).toBe(true)
  expect((await json('master-key', 'rotate', '--drop-old')).dropped).toHaveLength(1)
  expect(await readFile(keyFile, 'utf8')).not.toContain(before.trim())
  expect(await plays(await linkOf('c1'))).toBe(true)
  server.process.kill('SIGTERM')
  expect((await server.ended).code).toBe(0)
})
