import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestApp, type TestAccount, type TestApp } from '../../server/test/testApp.ts'
import { freshPage, hasBrowser, openBrowser } from './browser.ts'

let earshot: TestApp
let account: TestAccount
let browser: Browser

beforeAll(async () => {
  if (!hasBrowser) return
  ;[earshot, browser] = await Promise.all([openTestApp(), openBrowser()])
  account = await earshot.account()
})
afterAll(async () => {
  if (!hasBrowser) return
  await browser.close()
  await earshot.close()
})

test.runIf(hasBrowser)(
  'the page of the API tries a key under a strict policy, keeps none and asks nobody else',
  async () => {
    const { page, complaints, close } = await freshPage(browser, { locale: 'en-US' })
    const foreign: string[] = []
    page.on('request', (request) => {
      const { origin } = new URL(request.url())
      if (!request.url().startsWith('data:') && origin !== earshot.url) foreign.push(request.url())
    })
    try {
      const answer = await page.goto(`${earshot.url}/docs?urls.primaryName=schema`)
      const policy = answer?.headers()['content-security-policy'] ?? ''
      expect(policy).toContain("default-src 'none'")
      expect(policy).not.toMatch(/unsafe|https:|validator/)
      await page.getByRole('button', { name: 'Authorize' }).click()
      const field = page.getByLabel('auth-api-key-value').or(page.locator('.auth-container input')).first()
      await field.fill(account.apiKey)
      await page.getByRole('button', { name: 'Apply credentials' }).first().click()
      await page.locator('.btn-done').first().click()
      await page.locator('.opblock-summary-control').first().click()
      await page.getByRole('button', { name: 'Try it out' }).click()
      const asked = page.waitForResponse((response) => response.url() === `${earshot.url}/v1/schema`)
      await page.getByRole('button', { name: 'Execute' }).click()
      expect((await asked).status()).toBe(200)
      const kept = await page.evaluate(() => localStorage.length + sessionStorage.length)
      expect(kept).toBe(0)
      expect(foreign).toEqual([])
      expect(complaints).toEqual([])
    } finally {
      await close()
    }
  },
)
