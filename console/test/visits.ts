import axe from 'axe-core'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { expect } from 'vitest'
import { freshPage } from './browser.ts'

export type Visit = (
  path: string,
  look: (page: Page) => Promise<void>,
  options?: BrowserContextOptions,
) => Promise<void>

/** Shows pages of the console to somebody who is signed in, and fails when one complained of anything. */
export function visits(browser: Browser, url: string, apiKey: string): Visit {
  return async (path, look, options = {}) => {
    const { page, complaints, close } = await freshPage(browser, { locale: 'en-US', ...options })
    try {
      const signedIn = await page.request.post(`${url}/v1/session`, { data: { apiKey } })
      expect(signedIn.status()).toBe(201)
      await page.goto(url + path)
      await look(page)
      expect(complaints).toEqual([])
    } finally {
      await close()
    }
  }
}

/** Fails when a page has what keeps somebody from using it, as far as a program can tell. */
export async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate<axe.AxeResults>('axe.run()')
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)).toEqual([])
}
