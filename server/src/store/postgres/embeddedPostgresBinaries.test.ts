import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeSymlinks } from './embeddedPostgresBinaries.ts'

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
