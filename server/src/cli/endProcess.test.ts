import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'earshot-end-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('a process whose engine computes and whose threads are busy ends at once, with its exit status and its last line', async () => {
  const program = new URL('../../test/ending/program.ts', import.meta.url)
  const child = spawn(process.execPath, [fileURLToPath(program), folder], {
    env: { ...process.env, UV_THREADPOOL_SIZE: '4' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  child.stdout.on('data', (text: Buffer) => (output += text.toString()))
  const tooLate = setTimeout(() => child.kill('SIGKILL'), 60_000)
  const [status, signal] = await once(child, 'close')
  clearTimeout(tooLate)
  expect({ status, signal }).toEqual({ status: 7, signal: null })
  expect(output.trimEnd().split('\n')).toEqual([expect.stringContaining('"msg":"ends"')])
})
