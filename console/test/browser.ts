import { existsSync, readFileSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'

// Longer than anything takes on a busy machine; a test that waits so long has failed.
const patienceMs = 90_000

const modules = join(import.meta.dirname, '..', '..', 'node_modules')

/** Whether the Chromium that comes as a package runs here. */
export const hasBrowser = process.platform === 'linux' && process.arch === 'x64'

/** A real Chromium, from npm alone: its libraries come with it, and `fonts.conf` names the packages of its fonts. */
export async function openBrowser(): Promise<Browser> {
  // Without any font Chromium dies at its first page, with nothing that says so.
  if (!existsSync(join(modules, '@expo-google-fonts'))) throw new Error('The fonts are missing; run npm install.')
  const folder = await unpackedChromium()
  return chromium.launch({
    executablePath: join(folder, 'chromium'),
    // A sandbox of its own needs rights that containers rarely give.
    args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu', '--font-render-hinting=none'],
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: folder,
      LD_LIBRARY_PATH: join(folder, 'al2023', 'lib'),
      FONTCONFIG_FILE: join(import.meta.dirname, 'fonts.conf'),
    },
  })
}

/** Unpacks the browser once for each version, aside and then in its place: what is there is whole. */
async function unpackedChromium(): Promise<string> {
  const manifest: unknown = JSON.parse(readFileSync(join(modules, '@sparticuz', 'chromium', 'package.json'), 'utf8'))
  const version = manifest !== null && typeof manifest === 'object' && 'version' in manifest ? manifest.version : ''
  const folder = join(modules, '.cache', `chromium-${String(version)}`)
  if (existsSync(folder)) return folder
  const draft = `${folder}.${process.pid}`
  await mkdir(draft, { recursive: true })
  const { TMPDIR } = process.env
  // The package unpacks into the folder for temporary files; its libraries only where it takes itself to be needed.
  Object.assign(process.env, { TMPDIR: draft, AWS_LAMBDA_JS_RUNTIME: 'nodejs22.x' })
  try {
    const { default: packed } = await import('@sparticuz/chromium')
    await packed.executablePath()
  } finally {
    if (TMPDIR === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = TMPDIR
    delete process.env['AWS_LAMBDA_JS_RUNTIME']
  }
  await rename(draft, folder).catch(async (error: unknown) => {
    // Another process was quicker.
    if (!existsSync(folder)) throw error
    await rm(draft, { recursive: true })
  })
  return folder
}

/** A page of a browser that nobody has used, and what it complained of: errors, and breaches of the content policy. */
export async function freshPage(
  browser: Browser,
  options: BrowserContextOptions,
): Promise<{ page: Page; complaints: string[]; close: () => Promise<void> }> {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    reducedMotion: 'reduce',
    ...options,
  })
  const page = await context.newPage()
  page.setDefaultTimeout(patienceMs)
  const complaints: string[] = []
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    // Chromium itself writes down every answer of 400 and more.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
      complaints.push(message.text())
    }
  })
  return { page, complaints, close: () => context.close() }
}
