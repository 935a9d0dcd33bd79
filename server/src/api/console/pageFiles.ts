import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

// `node bin/setup.js` builds these files from `console/`.
const folder = join(import.meta.dirname, '..', '..', '..', '..', 'console', 'dist')

const types: Record<string, string> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  svg: 'image/svg+xml',
  woff2: 'font/woff2',
}

/** A file of the console, in memory. */
export interface PageFile {
  type: string
  content: Buffer
  /** Compressed once, at the first request; undefined for compressed formats. */
  compressed: (() => Promise<Buffer>) | undefined
}

/** The built console: its page, and its other files by path. Undefined if it is not built. */
export function readPageFiles(): { page: string; files: ReadonlyMap<string, PageFile> } | undefined {
  const page = join(folder, 'index.html')
  if (!existsSync(page)) return undefined
  const assets = readdirSync(join(folder, 'assets')).map((name) => `assets/${name}`)
  const files = new Map([...assets, 'favicon.svg'].map((path) => [`/${path}`, readPageFile(path)]))
  return { page: readFileSync(page, 'utf8'), files }
}

function readPageFile(path: string): PageFile {
  const content = readFileSync(join(folder, path))
  const type = types[path.slice(path.lastIndexOf('.') + 1)] ?? 'application/octet-stream'
  let made: Promise<Buffer> | undefined
  const compressed = () => (made ??= promisify(gzip)(content, { level: 9 }))
  return { type, content, compressed: type.startsWith('font/') ? undefined : compressed }
}
