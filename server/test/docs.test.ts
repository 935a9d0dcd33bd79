import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { settings } from '../src/settings.ts'
import { openTestApp, type TestApp } from './testApp.ts'

const root = join(import.meta.dirname, '../..')
const pages = ['README.md', ...globSync('docs/*.md', { cwd: root })].map((name) => ({
  name,
  text: readFileSync(join(root, name), 'utf8'),
}))

let earshot: TestApp

beforeAll(async () => {
  earshot = await openTestApp()
})
afterAll(() => earshot.close())

/** What a pattern finds in the pages, with the page's name; the pattern's first group when it has one. */
function found(pattern: RegExp): { page: string; text: string }[] {
  return pages.flatMap(({ name, text }) =>
    [...text.matchAll(pattern)].map((match) => ({ page: name, text: match[1] ?? match[0] })),
  )
}

test('every setting that the documents name is one', () => {
  const known = new Set(['EARSHOT_CONFIG_FILE', ...Object.values(settings).map((entry) => entry.name)])
  const named = found(/EARSHOT_[A-Z0-9_]+/g)
  expect(named.length).toBeGreaterThan(20)
  expect(named.filter(({ text }) => !known.has(text))).toEqual([])
})

test('every setting stands in the table of the operations page, with its default', () => {
  const page = pages.find(({ name }) => name === 'docs/operations.md')?.text ?? ''
  const missing = Object.values(settings).filter((entry) => {
    const shown = entry.default === '' ? '' : `\`${entry.default}\``
    return !page.includes(`| \`${entry.name}\` | ${shown} | `)
  })
  expect(missing.map(({ name }) => name)).toEqual([])
})

test('every link between the documents leads to a file, and to a heading that it has', () => {
  const links = found(/\]\(([^)\s]+)\)/g).filter(({ text }) => !/^https?:/.test(text))
  expect(links.length).toBeGreaterThan(40)
  expect(links.filter(({ page, text }) => !leadsSomewhere(page, text))).toEqual([])
})

function leadsSomewhere(page: string, link: string): boolean {
  const [path = '', heading] = link.split('#')
  const file = path === '' ? join(root, page) : join(root, dirname(page), path)
  if (!existsSync(file)) return false
  if (heading === undefined) return true
  const headings = [...readFileSync(file, 'utf8').matchAll(/^#+ (.+)$/gm)].map((match) => anchorOf(match[1] ?? ''))
  return headings.includes(heading)
}

function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-')
}

test('every figure that the operations page and the alerts name is served, and the page names all of ours', async () => {
  const { payload } = await earshot.server.inject({ method: 'GET', url: '/metrics' })
  const served = new Set([...payload.matchAll(/^# TYPE (\w+) /gm)].map((match) => match[1] ?? ''))
  const texts = ['docs/operations.md', 'deploy/prometheus/alerts.yml'].map((name) =>
    readFileSync(join(root, name), 'utf8'),
  )
  const [page = new Set<string>(), alerts = new Set<string>()] = texts.map(
    (text) => new Set(text.match(/\b(earshot|process)_[a-z_]+\b/g)),
  )
  const unknown = [...page, ...alerts].filter((name) => !served.has(name.replace(/_(bucket|sum|count)$/, '')))
  // The database of the shards has such a name too.
  expect(unknown.filter((name) => name !== 'earshot_shard')).toEqual([])
  expect([...served].filter((name) => !page.has(name))).toEqual([])
})

test('every document of the folder stands in its index', () => {
  const index = pages.find(({ name }) => name === 'docs/README.md')?.text ?? ''
  const missing = globSync('*.md', { cwd: join(root, 'docs') }).filter(
    (name) => name !== 'README.md' && !index.includes(`](${name})`),
  )
  expect(missing).toEqual([])
})

test('every path that the documents name is served, with the method that stands before it', async () => {
  const named = found(/((?:(?:GET|POST|PUT|PATCH|DELETE) )?(?<![\w.:…}/-])\/(?:api\/)?v1\/[^\s`"'?,;:)|<]+)/g)
  const curled = found(/\$\{?EARSHOT\}?(\/(?:api\/)?v1\/[^\s`"'?,;:)|<]+)/g)
  const hosted = found(/127\.0\.0\.1:8080(\/(?:api\/)?v1\/[^\s`"'?,;:)|<]+)/g)
  const paths = [...new Set([...named, ...curled, ...hosted].map(({ text }) => text))]
  expect(paths.length).toBeGreaterThan(50)
  const unknown: string[] = []
  for (const path of paths) if (!(await isServed(path))) unknown.push(path)
  expect(unknown).toEqual([])
})

let requests = 0

/** Asks without a key: a route refuses that, while a path that there is not, or not with this method, says so. */
async function isServed(named: string): Promise<boolean> {
  const [method, path] = named.startsWith('/') ? [undefined, named] : (named.split(' ') as [string, string])
  if (path.endsWith('*')) return hasRouteBelow(path.replace(/\/?\*$/, ''))
  const url = path.replaceAll(/\{[^}]*\}/g, 'x').replaceAll(/\$[A-Za-z]+/g, 'x')
  for (const verb of method === undefined ? ['GET', 'POST', 'PATCH', 'DELETE', 'PUT'] : [method]) {
    // Sign-ins that fail from one address are slowed down, so every request comes from another one.
    requests += 1
    const remoteAddress = `10.0.${Math.floor(requests / 256)}.${requests % 256}`
    const answer = await earshot.server.inject({ method: verb as 'GET', url, remoteAddress })
    if (answer.statusCode !== 404 && answer.statusCode !== 405) return true
  }
  return false
}

async function hasRouteBelow(prefix: string): Promise<boolean> {
  const answer = await earshot.server.inject({ method: 'GET', url: '/openapi.json' })
  const { paths } = answer.json<{ paths: Record<string, unknown> }>()
  return Object.keys(paths).some((path) => path === prefix || path.startsWith(`${prefix}/`))
}
