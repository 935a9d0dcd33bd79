import { spawn } from 'node:child_process'
import { copyFile, mkdir, readFile, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { foreignNode, root, scratchFolder } from './program.ts'

// The real npm would need a registry: this one puts the packages' names where npm does, and counts how often it is called.
const npm = `
import { appendFileSync, copyFileSync, mkdirSync, existsSync } from 'node:fs'
appendFileSync('calls.log', process.argv.slice(2).join(' ') + '\\n')
if (existsSync('offline')) process.exit(7)
await new Promise((resolve) => setTimeout(resolve, 300))
mkdirSync('node_modules', { recursive: true })
copyFileSync('package-lock.json', 'node_modules/.package-lock.json')
`

let folder: Awaited<ReturnType<typeof scratchFolder>>
let clone: string

beforeAll(async () => {
  folder = await scratchFolder()
  clone = join(folder.path, 'clone')
  await mkdir(join(clone, 'bin'), { recursive: true })
  await copyFile(join(root, 'bin', 'setup.js'), join(clone, 'bin', 'setup.js'))
  await writeFile(join(clone, 'package.json'), '{"type":"module"}')
  await writeFile(join(clone, 'npm-cli.js'), npm)
  await lock('1.0.0')
})

afterAll(() => folder.remove())

async function lock(version: string): Promise<void> {
  const packages = {
    '': {},
    'node_modules/one': { version, integrity: `sha512-${version}` },
    'node_modules/elsewhere': { version, optional: true, os: ['win32'], cpu: ['x64'] },
  }
  await writeFile(join(clone, 'package-lock.json'), JSON.stringify({ packages }))
}

function setUp(): Promise<{ code: number | null; output: string }> {
  const child = spawn(foreignNode, [join(clone, 'bin', 'setup.js')], {
    cwd: clone,
    env: { PATH: process.env['PATH'] ?? '', npm_execpath: join(clone, 'npm-cli.js') },
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (output += text.toString()))
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, output })))
}

async function calls(): Promise<number> {
  return (await readFile(join(clone, 'calls.log'), 'utf8').catch(() => '')).split('\n').length - 1
}

test('two at once install once, and later starts do nothing', async () => {
  const ended = await Promise.all([setUp(), setUp()])
  expect(ended.map(({ code }) => code)).toEqual([0, 0])
  expect(await calls()).toBe(1)
  const later = await setUp()
  expect(later).toEqual({ code: 0, output: '' })
  await utimes(join(clone, 'package-lock.json'), new Date(), new Date())
  expect((await setUp()).output).toBe('')
  expect(await calls()).toBe(1)
})

test('a lock file that came with a git pull is installed', async () => {
  await lock('1.1.0')
  expect((await setUp()).code).toBe(0)
  expect(await calls()).toBe(2)
})

test('an installation that fails is told with what to do, and leaves no lock behind', async () => {
  await lock('1.2.0')
  await writeFile(join(clone, 'offline'), '')
  const { code, output } = await setUp()
  expect(code).toBe(1)
  expect(output).toContain('npm ended with 7')
  expect(output).toContain('run npm install')
  await writeFile(join(clone, '.setup.lock'), '999999999')
  expect((await setUp()).code).toBe(1)
})
