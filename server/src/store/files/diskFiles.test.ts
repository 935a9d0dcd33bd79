import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bytesOnDisk } from '../../../test/files/storedBytes.ts'
import { testFiles } from '../../../test/files/testFiles.ts'
import { AppError } from '../../errors.ts'
import { freeBytes, requireFreeSpace } from './disk.ts'
import { openDiskFiles } from './diskFiles.ts'
import type { Files } from './files.ts'
import { secretsUnder } from '../secrets/secrets.ts'

const secrets = secretsUnder(randomBytes(32))
let directory: string
let files: Files

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'earshot-files-'))
  files = await openDiskFiles(directory, secrets)
})
afterAll(() => rm(directory, { recursive: true }))

testFiles(() => ({
  open: (secrets) => openDiskFiles(directory, secrets),
  stored: bytesOnDisk(directory),
}))

it('a writer that is killed leaves no visible file, and its unfinished one is cleared away at the next start', async () => {
  const program = `
    const { openDiskFiles } = await import(${JSON.stringify(new URL('diskFiles.ts', import.meta.url).href)})
    const secrets = { newDataKey: () => ({ key: Buffer.alloc(32), wrapped: Buffer.alloc(60) }) }
    const files = await openDiskFiles(${JSON.stringify(directory)}, secrets)
    await files.put('exports/killed', (async function* () {
      for (let piece = 0; ; piece++) { yield Buffer.alloc(100000); if (piece === 5) console.log('writing') }
    })())`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(child.stdout, 'data')
  const running = await readdir(join(directory, '.writing'))
  expect(running).toHaveLength(1)
  await openDiskFiles(directory, secrets)
  expect(await readdir(join(directory, '.writing'))).toEqual(running)
  child.kill('SIGKILL')
  await once(child, 'exit')
  const reopened = await openDiskFiles(directory, secrets)
  expect(await readdir(join(directory, '.writing'))).toEqual([])
  expect(await reopened.read('exports/killed')).toBeUndefined()
})

async function* endsInFullDisk() {
  yield randomBytes(10)
  throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
}

describe('a full disk', () => {
  it('is DISK_FULL, and leaves nothing behind', async () => {
    const failure = await files.put('exports/full', endsInFullDisk()).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(AppError)
    expect(failure).toMatchObject({ code: 'DISK_FULL' })
    expect(await files.read('exports/full')).toBeUndefined()
  })

  it('is refused before anything is written', async () => {
    const free = await freeBytes(directory)
    expect(free).toBeGreaterThan(0)
    await requireFreeSpace(directory, 0)
    await requireFreeSpace(directory, 1)
    await expect(requireFreeSpace(directory, 2 ** 60)).rejects.toMatchObject({
      code: 'DISK_FULL',
      message: expect.stringMatching(/nearly full: \d+\.\d [GT]B are free, \d+\.\d [A-Z]B must stay free/) as string,
    })
  })
})
