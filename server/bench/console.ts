import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { freshPage, openBrowser } from '../../console/test/browser.ts'
import { actions, until, type Action, type Page } from './consoleActions.ts'
import { isChanged, isSettled, makeReady, probe, readProbe, type Seen } from './consoleProbe.ts'
import { median, type BenchOptions, type Figure, type Result } from './measure.ts'
import { startServer } from './serverProcess.ts'

const goalMs = 100
const rounds = 5
// Event Timing tells of a frame when the next one is made.
const untilToldMs = 120

/** The console in a real browser over many calls: how soon a page answers a hand, and when the data is there. */
export async function measureConsole({ scale, directory }: BenchOptions): Promise<Result> {
  const calls = Math.round(2_000_000 * scale)
  const data = join(directory, 'console')
  const child = fork(new URL('./consoleEngine.ts', import.meta.url), [data, String(calls)])
  const [code] = await once(child, 'exit')
  if (code !== 0) throw new Error('The process that fills the data folder failed.')
  return { name: `console over ${calls.toLocaleString('en-US')} calls`, figures: await measureIn(data) }
}

/** The same over a data folder that is filled already. */
export async function measureIn(data: string): Promise<Figure[]> {
  const server = await startServer(data)
  const browser = await openBrowser()
  try {
    // What the engine merges after the filling is not what is measured.
    await wait(3000)
    const { page, close } = await freshPage(browser, { locale: 'en-US' })
    page.setDefaultTimeout(60_000)
    await page.addInitScript(probe)
    await page.request.post(`${server.url}/v1/session`, { data: { apiKey: server.key.apiKey } })
    const seen = new Map<Action, Seen[]>(actions.map((action) => [action, []]))
    for (let round = 0; round <= rounds; round++) {
      for (const action of actions) {
        const found = await perform(page, server.url, action)
        // The first round warms up.
        if (round > 0) seen.get(action)?.push(found)
      }
    }
    await close()
    return [
      ...[...seen].flatMap(([action, found]) => figuresOf(action, found)),
      latestPending([...seen.values()].flat()),
    ]
  } finally {
    await browser.close()
    await server.stop()
  }
}

async function perform(page: Page, url: string, action: Action): Promise<Seen> {
  await action.prepare?.(page, url)
  await page.evaluate(makeReady(action.wanted ?? ''))
  await action.act(page)
  await until(page, action.asks ? isSettled : isChanged).catch((cause: unknown) => {
    throw new Error(`There was no end to: ${action.label}`, { cause })
  })
  await wait(untilToldMs)
  return page.evaluate<Seen>(readProbe)
}

function figuresOf({ label, asks }: Action, found: Seen[]): Figure[] {
  // Below 16 ms the browser tells nothing.
  const frames = found.map(({ interaction }) => Math.max(16, interaction))
  const slowest = Math.max(...frames)
  const figures: Figure[] = [
    { label: `${label}: next frame`, value: median(frames), unit: 'ms' },
    {
      label: `${label}: next frame, slowest of ${frames.length}`,
      value: slowest,
      unit: 'ms',
      goal: { text: `under ${goalMs} ms`, isMet: slowest < goalMs },
    },
  ]
  if (asks)
    figures.push({ label: `${label}: all data shown`, value: median(found.map(({ settled }) => settled)), unit: 'ms' })
  return figures
}

/** How late anything that takes longer said that it waits. */
function latestPending(seen: Seen[]): Figure {
  const slow = seen.filter(({ settled }) => settled > goalMs)
  const latest = Math.max(0, ...slow.map(({ pending }) => pending))
  const isMet = latest < goalMs && slow.every(({ pending }) => pending > 0)
  return {
    label: 'says that it waits, latest of all',
    value: latest,
    unit: 'ms',
    goal: { text: `under ${goalMs} ms`, isMet },
  }
}
