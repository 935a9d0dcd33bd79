import { chown, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ensureOwner, makeSymlinks, prepareBinaries } from './embeddedPostgresBinaries.ts'

let root: string

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'earshot-links-'))
  await mkdir(join(root, 'native', 'lib'), { recursive: true })
  await writeFile(join(root, 'native', 'lib', 'libpq.so.5.18'), 'library')
  const links = ['libpq.so', 'libpq.so.5'].map((name) => ({
    source: 'native/lib/libpq.so.5.18',
    target: `native/lib/${name}`,
  }))
  await writeFile(join(root, 'native', 'pg-symlinks.json'), JSON.stringify(links))
})

afterEach(() => rm(root, { recursive: true }))

test('makes the links that npm left out, also when several processes do so at once', async () => {
  await Promise.all(Array.from({ length: 8 }, () => makeSymlinks(root)))
  expect(await readFile(join(root, 'native', 'lib', 'libpq.so.5'), 'utf8')).toBe('library')
})

test('that cannot be made are a clear error', async () => {
  await rm(join(root, 'native', 'lib'), { recursive: true })
  await expect(makeSymlinks(root)).rejects.toThrow(/lack a link that cannot be made.*npm rebuild/)
})

test.runIf(process.getuid?.() === 0)('root takes no folder of another user, who could not start again', async () => {
  const file = join(root, 'native', 'pg-symlinks.json')
  for (const path of [file, root]) await chown(path, 12_345, 12_345)
  await expect(ensureOwner(await prepareBinaries(), root)).rejects.toThrow(/belongs to another user \(uid 12345\)/)
  expect((await stat(file)).uid).toBe(12_345)
  await chown(root, 65_534, 65_534)
  await expect(ensureOwner(await prepareBinaries('namespace'), root)).resolves.toBeUndefined()
})
