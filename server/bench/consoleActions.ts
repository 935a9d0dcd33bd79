import { setTimeout as wait } from 'node:timers/promises'
import type { freshPage } from '../../console/test/browser.ts'

export type Page = Awaited<ReturnType<typeof freshPage>>['page']

/** Something that somebody does on a page. */
export interface Action {
  label: string
  /** Whether the server is asked for something by it; what was shown a moment ago is not asked for again. */
  asks: boolean
  /** What stands on the page when all is shown, where the page alone does not tell. */
  wanted?: string
  /** Leads to where it is done; not measured. */
  prepare?: (page: Page, url: string) => Promise<void>
  act: (page: Page) => Promise<void>
}

const maxMs = 60_000
const quiet = "document.querySelector('[aria-busy=true], .mantine-Skeleton-root') === null"

/** Waits until an expression is true in the page, whose content policy lets it evaluate nothing by itself. */
export async function until(page: Page, expression: string): Promise<void> {
  const deadline = performance.now() + maxMs
  while (!(await page.evaluate(expression))) {
    if (performance.now() > deadline) throw new Error(`The page did not come to: ${expression} (${page.url()})`)
    await wait(20)
  }
}

const at = (path: string) => async (page: Page, url: string) => {
  await page.goto(url + path)
  await page.getByRole('heading', { level: 1 }).waitFor()
  await page.waitForLoadState('networkidle')
  await until(page, quiet)
}

// A filter's name is followed by what is chosen.
const click = (name: string) => (page: Page) =>
  page
    .getByRole('button', { name: new RegExp(`^${name}`) })
    .first()
    .click()
const choose = (label: string) => (page: Page) => page.getByLabel(label, { exact: true }).click()

/** In the order in which they are done: one without a preparation goes on where the one before it ended. */
export const actions: readonly Action[] = [
  { label: 'calls, sort by duration', asks: true, prepare: at('/calls'), act: click('Duration') },
  { label: 'calls, sort the other way', asks: true, act: click('Duration') },
  { label: 'calls, sort as before', asks: false, act: click('Started') },
  { label: 'calls, next page', asks: true, act: click('Next page') },
  { label: 'calls, page after that', asks: true, act: click('Next page') },
  { label: 'calls, page back', asks: false, act: click('Previous page') },
  { label: 'calls, open a filter', asks: false, prepare: at('/calls'), act: click('Status') },
  { label: 'calls, filter by status', asks: true, act: choose('Escalated') },
  { label: 'calls, open the period', asks: false, prepare: at('/calls'), act: click('Period') },
  { label: 'calls, choose a period', asks: true, act: choose('Last 30 days') },
  {
    label: 'calls, search two words',
    asks: true,
    prepare: at('/calls'),
    act: (page) =>
      page.getByLabel('Search transcripts, notes and callers').pressSequentially('cuotas revisar', { delay: 60 }),
  },
  {
    label: 'calls, search part of a number',
    asks: true,
    prepare: at('/calls'),
    act: (page) => page.getByLabel('Search transcripts, notes and callers').pressSequentially('1011545', { delay: 60 }),
  },
  {
    label: 'calls, open a call',
    asks: true,
    wanted: '[aria-labelledby=transcript] li',
    // The oldest, which have transcripts.
    prepare: at('/calls?order=asc'),
    act: (page) =>
      page
        .getByRole('link', { name: /^Open the call/ })
        .first()
        .click(),
  },
  {
    label: 'overview, choose a figure',
    asks: false,
    prepare: at('/'),
    act: (page) =>
      page
        .getByRole('button', { name: /^Escalated/ })
        .first()
        .click(),
  },
  { label: 'overview, open the period', asks: false, act: click('Period') },
  { label: 'overview, 90 days', asks: true, act: choose('Last 90 days') },
  {
    label: 'overview, by weeks',
    asks: true,
    prepare: at('/?period=last90Days'),
    act: (page) => page.getByText('Weeks', { exact: true }).click(),
  },
  { label: 'overview, agents', asks: true, act: (page) => page.getByText('Agents', { exact: true }).click() },
  { label: 'overview, open the campaigns', asks: true, prepare: at('/?period=last90Days'), act: click('Campaign') },
  { label: 'overview, filter by campaign', asks: true, act: choose('Campaña 7') },
]
