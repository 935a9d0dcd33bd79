import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { buildServer, closeServer, listen } from '../../server/src/api/http/server.ts'
import { surfaces } from '../../server/src/api/surfaces.ts'
import { openPorts } from '../../server/src/compose.ts'
import { loadConfig } from '../../server/src/config.ts'
import { issueKey } from '../../server/src/features/keys/issueKey.ts'
import { openLog } from '../../server/src/log.ts'
import { freshPage, openBrowser } from '../test/browser.ts'
import { setScene, type Scene } from './scene.ts'

// Takes the pictures of the documentation again: `npm run pictures`, of some: `npm run pictures -- call overview`.

interface Picture {
  /** `docs/images/console-<name>.png` */
  name: string
  path: (scene: Scene) => string
  look?: BrowserContextOptions
  /** What somebody does before the picture is taken. */
  act?: (page: Page) => Promise<void>
  /** The whole page, not only what fits on the screen. */
  isWhole?: boolean
}

const dark: BrowserContextOptions = { colorScheme: 'dark', locale: 'es-CL' }
const tall: BrowserContextOptions = { viewport: { width: 1360, height: 1230 } }
const phone: BrowserContextOptions = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, locale: 'es-CL' }

const pictures: Picture[] = [
  { name: 'overview', path: () => '/', isWhole: true },
  { name: 'overview-phone', path: () => '/', look: phone },
  { name: 'calls-dark', path: () => '/calls', look: dark },
  { name: 'search', path: () => '/calls?q=internet', look: { locale: 'es-CL' } },
  { name: 'call', path: ({ calls }) => `/calls/${calls.english}`, act: playFrom, look: tall },
  { name: 'call-phone', path: ({ calls }) => `/calls/${calls.spanish}`, look: phone },
  { name: 'exports', path: () => '/exports', isWhole: true },
  {
    name: 'webhook',
    path: ({ endpointId, deliveryId }) => `/webhooks/${endpointId}?delivery=${deliveryId}`,
    isWhole: true,
  },
  { name: 'data', path: () => '/data', isWhole: true },
  { name: 'keys', path: () => '/keys' },
  { name: 'health', path: () => '/status' },
  { name: 'settings', path: () => '/settings', isWhole: true },
]

/** In the page: receivers on this machine get a name that a reader would expect. */
const nameHosts = `for (const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT); walker.nextNode(); )
  walker.currentNode.data = walker.currentNode.data.replace(/http:\\/\\/127\\.0\\.0\\.1:\\d+/, 'https://hooks.example.com')`

const folder = join(import.meta.dirname, '..', '..', 'docs', 'images')
const wanted = process.argv.slice(2)
const directory = await mkdtemp(join(tmpdir(), 'earshot-pictures-'))
const config = loadConfig({
  EARSHOT_PORT: '0',
  EARSHOT_DATA_DIR: directory,
  EARSHOT_LOG_LEVEL: 'warn',
  EARSHOT_RATE_LIMIT: '0',
  EARSHOT_WEBHOOK_PRIVATE: '127.0.0.0/8',
})
const ports = await openPorts(config, openLog(config), () => {})
const server = await buildServer(ports, surfaces)
const browser = await openBrowser()
try {
  const url = await listen(server, config)
  config.publicUrl = url
  const key = await issueKey(ports, { account: 'Acme', name: 'Front desk', scopes: ['*'] })
  ports.jobs.start()
  const scene = await setScene(ports, { url, accountId: 1, apiKey: key.apiKey })
  for (const picture of pictures.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
    await takePicture(browser, { url, apiKey: key.apiKey, scene }, picture)
    process.stdout.write(`${picture.name}\n`)
  }
  await scene.close()
} finally {
  await browser.close()
  await closeServer(server)
  await ports.close()
  await rm(directory, { recursive: true, force: true })
}

async function takePicture(
  inBrowser: Browser,
  at: { url: string; apiKey: string; scene: Scene },
  { name, path, look, act, isWhole = false }: Picture,
): Promise<void> {
  const viewport = { width: 1360, height: 850 }
  const { page, complaints, close } = await freshPage(inBrowser, { viewport, locale: 'en-US', ...look })
  await page.request.post(`${at.url}/v1/session`, { data: { apiKey: at.apiKey } })
  await page.goto(at.url + path(at.scene))
  await page.locator('main h1').waitFor()
  await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' })
  // Charts draw themselves once they know their width.
  await page.waitForTimeout(1200)
  await act?.(page)
  await page.evaluate(nameHosts)
  if (isWhole) {
    // A taller window rather than a longer picture: what stays beside the page reaches its end.
    const height = Number(await page.evaluate('document.documentElement.scrollHeight'))
    await page.setViewportSize({ ...viewport, height })
  }
  await page.screenshot({ path: join(folder, `console-${name}.png`) })
  await close()
  if (complaints.length > 0) throw new Error(`${name}: ${complaints.join('; ')}`)
}

async function playFrom(page: Page): Promise<void> {
  await page.getByRole('button', { name: /0:3\d/ }).first().click()
  await page.waitForTimeout(900)
  await page.keyboard.press('k')
  await page.mouse.move(5, 400)
}
