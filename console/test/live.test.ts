import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTestApp, type TestAccount, type TestApp } from '../../server/test/testApp.ts'
import { hasBrowser, openBrowser } from './browser.ts'
import { expectAccessible, visits, type Visit } from './visits.ts'

describe.skipIf(!hasBrowser)('the console, live', () => {
  let earshot: TestApp
  let account: TestAccount
  let browser: Browser
  let visit: Visit

  beforeAll(async () => {
    const opening = openBrowser()
    earshot = await openTestApp()
    account = await earshot.account()
    browser = await opening
    visit = visits(browser, earshot.url, account.apiKey)
    await sendCall('first', { status: 'completed', durationSeconds: 60 })
  })
  afterAll(async () => {
    await browser?.close()
    await earshot?.close()
  })

  let minute = 0
  async function sendCall(id: string, more: object = {}): Promise<void> {
    const startedAt = new Date(Date.UTC(2026, 4, 3, 10, minute++)).toISOString()
    const call = { id, channel: 'phone', status: 'active', startedAt, externalEndpoint: `caller ${id}`, ...more }
    expect((await account.request('POST', '/v1/ingest/calls', call)).status).toBe(200)
  }

  async function say(callId: string, from: number, to: number): Promise<void> {
    const turns = Array.from({ length: to - from }, (_, index) => ({
      id: `${callId}-${from + index}`,
      callId,
      participant: (from + index) % 2 === 0 ? 'agent' : 'customer',
      at: new Date(Date.UTC(2026, 4, 3, 10, 0, from + index)).toISOString(),
      text: `Sentence ${from + index} of ${callId}.`,
    }))
    expect((await account.request('POST', '/v1/ingest/turns', turns)).status).toBe(200)
  }

  const isLive = (page: Page) => page.getByText('Up to date').waitFor()
  const atEnd = (page: Page) =>
    page.locator('section ol').evaluate((list) => list.scrollHeight - list.clientHeight - list.scrollTop < 5)

  test('a call that comes in shows on every page that is open, and its line says that it is new', () =>
    visit('/calls', (first) =>
      visit(
        '/calls',
        async (second) => {
          for (const page of [first, second]) await isLive(page)
          await expectAccessible(first)
          await sendCall('new')
          for (const page of [first, second]) {
            await page.getByText('caller new').waitFor()
            await page.getByText('2 calls').waitFor()
          }
          const isNew = (id: string) => first.locator('tr', { hasText: `caller ${id}` }).getAttribute('data-new')
          expect([await isNew('new'), await isNew('first')]).toEqual(['true', 'false'])
          await account.request('DELETE', '/v1/ingest/calls/new')
          await second.getByText('caller new').waitFor({ state: 'detached' })
        },
        { viewport: { width: 390, height: 844 } },
      ),
    ))

  async function toldInAll(): Promise<number> {
    const text = await (await fetch(`${earshot.url}/metrics`)).text()
    return Number(/^earshot_stream_events_total (.*)$/mu.exec(text)?.[1] ?? 0)
  }

  test('a page that is not seen follows nothing, and catches up by one look when it is seen', () =>
    visit('/calls', async (page) => {
      const setHidden = (isHidden: boolean) =>
        page.evaluate(`Object.defineProperty(document, 'hidden', { value: ${isHidden}, configurable: true })
          document.dispatchEvent(new Event('visibilitychange'))`)
      await isLive(page)
      await setHidden(true)
      await expect.poll(() => earshot.ports.metrics.openStreams.value).toBe(0)
      const told = await toldInAll()
      await sendCall('unseen')
      await setHidden(false)
      await page.getByText('caller unseen').waitFor()
      await expect.poll(() => earshot.ports.metrics.openStreams.value).toBe(1)
      await sendCall('seen')
      await page.getByText('caller seen').waitFor()
      expect(await toldInAll()).toBe(told + 1)
    }))

  test('what comes while a list is loaded, and is not in it, shows too', () =>
    visit('/calls', async (page) => {
      await isLive(page)
      const [read, told] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      const onlyOnce = { times: 1 }
      await page.route(
        /sort_by=duration/u,
        async (route) => {
          const response = await route.fetch()
          read.resolve()
          await told.promise
          await route.fulfill({ response })
        },
        onlyOnce,
      )
      await page.getByRole('columnheader', { name: 'Duration' }).getByRole('button').click()
      await read.promise
      await expect.poll(() => earshot.ports.metrics.openStreams.value).toBe(1)
      const before = await toldInAll()
      await sendCall('between', { status: 'completed', durationSeconds: 900 })
      await expect.poll(toldInAll).toBe(before + 1)
      told.resolve()
      await page.getByText('caller between').waitFor()
    }))

  test('a stream that broke off is opened again, and what came meanwhile shows', () =>
    visit('/calls', async (page) => {
      await isLive(page)
      earshot.server.server.closeAllConnections()
      // The page opens the next one after a rest.
      await expect.poll(() => earshot.ports.metrics.openStreams.value, { interval: 10 }).toBe(0)
      await sendCall('meanwhile')
      await page.getByText('caller meanwhile').waitFor()
      await isLive(page)
    }))

  test('where changes never cease, a list is asked for now and then', () =>
    visit('/calls', async (page) => {
      await isLive(page)
      let asked = 0
      page.on('request', (request) => (asked += request.url().includes('/api/v1/calls?') ? 1 : 0))
      let last = 0
      const began = performance.now()
      while (performance.now() < began + 5000) await sendCall(`busy${last++}`)
      // No more than one a second; one more may have been on its way at the beginning.
      expect(asked).toBeLessThanOrEqual(1 + Math.ceil((performance.now() - began) / 1000))
      await page.getByText(`caller busy${last - 1}`, { exact: true }).waitFor()
    }))

  test('a transcript grows as it is said, at its end only for those who are there', () =>
    visit('/calls/talk', async (page) => {
      await page.getByText('There is no such call').waitFor()
      await sendCall('talk')
      await page.getByRole('heading', { name: 'caller talk' }).waitFor()
      await say('talk', 0, 30)
      await page.getByText('Sentence 29 of talk.').waitFor()
      await expect.poll(() => atEnd(page)).toBe(true)
      await say('talk', 30, 32)
      await page.getByText('Sentence 31 of talk.').waitFor()
      await expect.poll(() => atEnd(page)).toBe(true)
      const jump = page.getByRole('button', { name: 'Jump to the newest' })
      expect(await jump.count()).toBe(0)

      await page.locator('section ol').evaluate((list) => list.scrollTo({ top: 40 }))
      await say('talk', 32, 34)
      await jump.waitFor()
      expect(await page.locator('section ol').evaluate((list) => list.scrollTop)).toBe(40)
      await expectAccessible(page)
      await jump.click()
      await expect.poll(() => atEnd(page)).toBe(true)
      await jump.waitFor({ state: 'detached' })
    }))

  test('status and judgement of a call change by themselves', () =>
    visit('/calls/talk', async (page) => {
      await page.locator('header [data-status=active]').waitFor()
      await sendCall('talk', { status: 'completed', durationSeconds: 95 })
      await page.locator('header [data-status=completed]').waitFor()
      const evaluation = { callId: 'talk', status: 'evaluated', score: 8.7, reason: 'Everything was asked.' }
      expect((await account.request('POST', '/v1/ingest/evaluations', evaluation)).status).toBe(200)
      await page.getByText('Everything was asked.').waitFor()
    }))

  test('a call that is deleted while it is shown is gone from the page', () =>
    visit('/calls/talk', async (page) => {
      await page.getByText('Sentence 0 of talk.').waitFor()
      expect((await account.request('DELETE', '/v1/ingest/calls/talk')).status).toBe(200)
      await page.getByText('There is no such call').waitFor()
      expect(await page.getByText('Sentence 0 of talk.').count()).toBe(0)
    }))

  test('a session that is ended elsewhere shows the sign-in, without a click', () =>
    visit('/calls', async (page) => {
      await isLive(page)
      const { csrfToken } = await (await page.request.get(`${earshot.url}/v1/session`)).json()
      const cookies = (await page.context().cookies()).map(({ name, value }) => `${name}=${value}`).join('; ')
      const headers = { Cookie: cookies, 'X-CSRF-Token': csrfToken }
      expect((await fetch(`${earshot.url}/v1/session`, { method: 'DELETE', headers })).status).toBe(204)
      await page.getByRole('button', { name: 'Sign in' }).waitFor()
    }))
})
