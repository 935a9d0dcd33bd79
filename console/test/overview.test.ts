import { readFile } from 'node:fs/promises'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemControl } from '../../server/src/features/accounts/controlContext.ts'
import { sendDemo } from '../../server/src/features/demo/send.ts'
import { createUser } from '../../server/src/features/users/createUser.ts'
import { openTestApp, type TestAccount, type TestApp } from '../../server/test/testApp.ts'
import { freshPage, hasBrowser, openBrowser } from './browser.ts'
import { expectAccessible, visits, type Visit } from './visits.ts'

const password = 'correct horse battery'
const timezone = 'America/Santiago'
const stuck = { id: 'stuck', channel: 'phone', status: 'completed', phase: 'STOPPED', durationSeconds: 60 }

describe.skipIf(!hasBrowser)('overview, health and settings in a browser', () => {
  let earshot: TestApp
  let account: TestAccount
  let browser: Browser
  let visit: Visit

  beforeAll(async () => {
    const opening = openBrowser()
    earshot = await openTestApp({ EARSHOT_FEED_BLOCKED_AFTER_SECONDS: '0' })
    account = await earshot.account({ timezone })
    const { apiKey } = account
    await sendDemo({ seed: 1, calls: 150, days: 12, endsAt: earshot.ports.now(), baseUrl: earshot.url, apiKey })
    const startedAt = new Date(earshot.ports.now() - 86_400_000).toISOString()
    await account.request('POST', '/v1/ingest/calls', { ...stuck, startedAt })
    for (const [name, role] of [
      ['ana', 'viewer'],
      ['root', 'admin'],
    ] as const) {
      await createUser(systemControl(earshot.ports, account.id), { email: `${name}@example.com`, name, role, password })
    }
    earshot.ports.jobs.start()
    browser = await opening
    visit = visits(browser, earshot.url, apiKey)
  })

  afterAll(async () => {
    await browser?.close()
    await earshot?.close()
  })

  const card = (page: Page, name: string) => page.locator('li', { has: page.getByRole('button', { name }) }).first()
  const parameter = (page: Page, name: string) => new URL(page.url()).searchParams.get(name)

  /** A browser of its own for somebody who signed in with a password. */
  async function withPassword(email: string, secret: string, look: (page: Page) => Promise<void>): Promise<void> {
    const { page, complaints, close } = await freshPage(browser, { locale: 'en-US' })
    try {
      const signedIn = await page.request.post(`${earshot.url}/v1/session`, { data: { email, password: secret } })
      expect(signedIn.status()).toBe(201)
      await look(page)
      expect(complaints).toEqual([])
    } finally {
      await close()
    }
  }

  test('the figures are those of the analytics API, and stay so with a filter, which the address holds', () =>
    visit('/', async (page) => {
      const asked = `/v1/analytics/summary?timezone=${timezone}&metrics=totalCalls&compare=previous`
      expect(Number(await card(page, 'Calls').locator('strong').textContent())).toBeGreaterThan(100)

      await page.getByRole('button', { name: 'Period' }).click()
      await page.getByLabel('Last 30 days').check()
      await page.keyboard.press('Escape')
      await page.getByRole('button', { name: 'Channel' }).click()
      await page.getByLabel('Phone', { exact: true }).check()
      await page.keyboard.press('Escape')
      const { json } = await account.request('GET', `${asked}&channel=phone`)
      await card(page, 'Calls').getByText(String(json.metrics.totalCalls), { exact: true }).waitFor()
      expect([parameter(page, 'period'), parameter(page, 'channel')]).toEqual(['last30Days', 'phone'])
      await page.reload()
      await card(page, 'Calls').getByText(String(json.metrics.totalCalls), { exact: true }).waitFor()
      await page.getByRole('link', { name: 'Show calls: Calls' }).click()
      await page.getByRole('heading', { name: 'Calls' }).waitFor()
      expect([parameter(page, 'period'), parameter(page, 'channel')]).toEqual(['last30Days', 'phone'])
    }))

  test('a period that is not over yet is set beside the same part of the one before, and says so', async () => {
    const now = earshot.ports.now()
    // A zone where it is about noon, so that an hour more or less is the same day.
    const hoursBehind = new Date(now).getUTCHours() - 12
    const noonZone = hoursBehind === 0 ? 'UTC' : `Etc/GMT${hoursBehind < 0 ? '' : '+'}${hoursBehind}`
    const own = await earshot.account({ timezone: noonZone })
    const endedAgo = (id: string, hours: number) => {
      const at = new Date(now - hours * 3_600_000).toISOString()
      return { id, channel: 'phone', status: 'completed', startedAt: at, endedAt: at }
    }
    // Of the fourteen days before, one call ended before this time of their last day, and one after it.
    await own.request('POST', '/v1/ingest/calls', [
      endedAgo('now', 0),
      endedAgo('before', 14 * 24 + 0.1),
      endedAgo('later', 14 * 24 - 0.5),
    ])
    for (const [locale, sentence, card, line] of [
      [
        'en-US',
        'so far, vs. the same part of the previous period',
        'vs. 1 at the same point',
        'Same part of the previous period',
      ],
      [
        'es-CL',
        'hasta ahora, frente a la misma parte del período anterior',
        'antes, a la misma altura: 1',
        'Misma parte del período anterior',
      ],
    ] as const) {
      await visits(browser, earshot.url, own.apiKey)(
        '/',
        async (page) => {
          await page.getByText(sentence).waitFor()
          await page.locator('li').getByText(card, { exact: true }).waitFor()
          await page.locator('[data-line=before]').getByText(line, { exact: true }).waitFor()
        },
        { locale },
      )
      await visits(browser, earshot.url, own.apiKey)(
        '/?period=thisMonth',
        async (page) => {
          await page.getByText(sentence).waitFor()
          await page.locator('details').locator('summary').click()
          const today = Number(new Intl.DateTimeFormat('en', { timeZone: noonZone, day: 'numeric' }).format(now))
          expect(await page.locator('details tbody tr').count()).toBe(today)
        },
        { locale },
      )
      await visits(browser, earshot.url, own.apiKey)(
        '/?period=lastMonth',
        async (page) => {
          await page.getByRole('heading', { level: 1 }).waitFor()
          await page.getByText(noonZone).first().waitFor()
          expect(await page.getByText(sentence).count()).toBe(0)
        },
        { locale },
      )
    }
  })

  test('the chosen figure and the length of its steps are shown, and can be gone through with the keyboard', () =>
    visit('/', async (page) => {
      await card(page, 'Resolved').getByRole('button').click()
      await page.getByRole('heading', { name: 'Resolved over time' }).waitFor()
      const slider = page.getByRole('slider', { name: 'Resolved over time' })
      await slider.focus()
      const last = await slider.getAttribute('aria-valuetext')
      await page.keyboard.press('ArrowLeft')
      await page.keyboard.press('ArrowLeft')
      const text = await slider.getAttribute('aria-valuetext')
      expect(text).not.toBe(last)
      expect(text).toMatch(/^\w{3}, \w{3} \d+: [\d.]+%; in the previous period: ([\d.]+%|–)$/)
      await page.getByText('As a table').click()
      const [day = '', value = ''] = (text ?? '').split(';')[0]?.split(': ') ?? []
      await page.locator('tr', { hasText: day }).getByText(value, { exact: true }).first().waitFor()
      await page.getByText('Weeks', { exact: true }).click()
      await page.waitForURL(/granularity=weekly/)
      expect(parameter(page, 'figure')).toBe('resolutionRate')
    }))

  test('the breakdown goes by campaigns, centres or agents, the chosen figure first, and leads to the calls', () =>
    visit('/?by=executives', async (page) => {
      const rows = page.getByRole('region', { name: 'Agents' }).locator('tbody tr')
      await rows.first().waitFor()
      const counts = (await rows.locator('td:nth-child(2)').allTextContents()).map(Number)
      expect(counts).toEqual(counts.toSorted((a, b) => b - a))
      const { json } = await account.request('GET', `/v1/analytics/executives?timezone=${timezone}&limit=1`)
      expect(counts[0]).toBe(json.data[0].totalCalls)
      await page.getByRole('link', { name: /./ }).and(rows.first().locator('a')).click()
      await page.getByText(`${counts[0]} call`).first().waitFor()
      expect(parameter(page, 'agent')).toBe(json.data[0].executiveId)
      await page.goBack()
      await page.getByText('Call centres', { exact: true }).click()
      await page.getByRole('region', { name: 'Call centres' }).locator('tbody tr').first().waitFor()
    }))

  test('the heat map adds up to the calls, and tells an hour with the arrow keys', () =>
    visit('/', async (page) => {
      const map = page.getByRole('region', { name: 'Calls by weekday and hour' })
      await map.locator('tbody td').first().waitFor()
      const cells = (await map.locator('tbody td').allTextContents()).map(Number)
      expect(cells).toHaveLength(7 * 24)
      const total = Number(await card(page, 'Calls').locator('strong').textContent())
      expect(cells.reduce((sum, count) => sum + count, 0)).toBe(total)
      await page.getByRole('slider', { name: 'When calls begin' }).focus()
      await page.keyboard.press('ArrowRight')
      await page.keyboard.press('ArrowDown')
      await page.getByText(`Tuesday 01:00–02:00: ${cells[25]} call`).waitFor()
    }))

  test('what is on screen becomes a file: from click to the opened one', () =>
    visit('/?granularity=weekly', async (page) => {
      await page.getByRole('button', { name: 'Export' }).click()
      await page.getByLabel('What').selectOption('trends')
      await page.getByText('CSV', { exact: true }).click()
      await expectAccessible(page)
      await page.getByRole('button', { name: 'Create the file' }).click()
      const link = page.getByRole('link', { name: /\.csv$/ })
      await link.waitFor()
      const downloading = page.waitForEvent('download')
      await link.click()
      const file = await readFile(await (await downloading).path(), 'utf8')
      await page.keyboard.press('Escape')
      await page.getByText('As a table').click()
      const table = page.getByRole('region', { name: 'Calls, as a table' }).locator('tbody tr')
      expect(file.trim().split(/\r?\n/)).toHaveLength((await table.count()) + 1)
    }))

  test('without calls the next step is told, and a failure can be tried again', async () => {
    const empty = await earshot.account()
    await visits(
      browser,
      earshot.url,
      empty.apiKey,
    )('/', async (page) => {
      await page.getByRole('heading', { name: 'No call ended in this period' }).waitFor()
      await page.getByText('curl').waitFor()
      await expectAccessible(page)
    })
    await visit('/status', async (page) => {
      await page.getByRole('heading', { name: 'Health' }).waitFor()
      await page.route('**/v1/analytics/summary*', (route) => route.fulfill({ status: 500, json: {} }))
      await page.getByRole('link', { name: 'Overview' }).click()
      await page.getByRole('heading', { name: 'This did not work' }).waitFor()
      await page.unroute('**/v1/analytics/summary*')
      await page.getByRole('button', { name: 'Try again' }).click()
      await card(page, 'Calls').locator('strong').waitFor()
    })
  })

  test('people see what their scopes allow, and are told what they lack', async () => {
    const reader = await earshot.account({ scopes: ['calls:read'] })
    await visits(
      browser,
      earshot.url,
      reader.apiKey,
    )('/', async (page) => {
      await page.getByRole('heading', { name: 'Calls', exact: true }).waitFor()
      expect(await page.getByRole('link', { name: 'Overview' }).count()).toBe(0)
    })
    await withPassword('ana@example.com', password, async (page) => {
      await page.goto(earshot.url)
      await card(page, 'Calls').locator('strong').waitFor()
      expect(await page.getByRole('button', { name: 'Export' }).count()).toBe(0)
      await page.goto(`${earshot.url}/status`)
      await page.getByText('It needs the scope admin.').waitFor()
      await page.goto(`${earshot.url}/settings`)
      await page.getByText('set by administrators').waitFor()
      expect(await page.getByRole('button', { name: 'Add a user' }).count()).toBe(0)
      await expectAccessible(page)
    })
  })

  test('health tells that all is well, and lets the feed go on past a call', () =>
    visit('/status', async (page) => {
      await page.getByText('Everything works').waitFor()
      expect(await page.getByText('Works', { exact: true }).count()).toBe(2)
      await page.getByRole('button', { name: 'Release the call stuck' }).click()
      await page.getByRole('button', { name: 'Release the call stuck' }).waitFor({ state: 'detached' })
      const { json } = await account.request('GET', '/v1/records/calls/stuck')
      expect(json.phase ?? json.data.phase).toBe('ERROR')
    }))

  test('a user is let in with a password that is shown once, changes it, and is kept out', async () => {
    let secret = ''
    await withPassword('root@example.com', password, async (page) => {
      await page.goto(`${earshot.url}/settings`)
      await page.getByRole('button', { name: 'Add a user' }).click()
      await page.getByLabel('E-mail address').fill('new@example.com')
      await page.getByRole('dialog').getByLabel('Name').fill('Nora')
      await page.getByLabel('Role', { exact: true }).selectOption('analyst')
      await expectAccessible(page)
      await page.getByRole('button', { name: 'Create the user' }).click()
      secret = (await page.getByRole('dialog').locator('pre').textContent()) ?? ''
      await expectAccessible(page)
      await page.getByRole('button', { name: 'Done' }).click()
      await page.getByText('Nora').waitFor()
      expect(await page.getByLabel('Role of root').isDisabled()).toBe(true)
    })
    const another = 'a password of my own'
    await withPassword('new@example.com', secret, async (page) => {
      await page.goto(`${earshot.url}/calls`)
      await page.getByRole('heading', { name: 'Choose a password of your own' }).waitFor()
      await expectAccessible(page)
      await page.getByLabel('Current password').fill('not the password')
      await page.getByLabel('New password').fill(another)
      await page.getByRole('button', { name: 'Change the password' }).click()
      await page.getByText('The current password is wrong.').waitFor()
      await page.getByLabel('Current password').fill(secret)
      await page.getByRole('button', { name: 'Change the password' }).click()
      await page.getByRole('heading', { name: 'Calls' }).waitFor()
    })
    await withPassword('new@example.com', another, () => Promise.resolve())
    await visit('/settings', async (page) => {
      await page.getByRole('button', { name: 'Disable Nora' }).click()
      await page.getByRole('button', { name: 'Enable Nora' }).waitFor()
    })
    const { page, close } = await freshPage(browser, {})
    const credentials = { email: 'new@example.com', password: another }
    expect((await page.request.post(`${earshot.url}/v1/session`, { data: credentials })).status()).toBe(401)
    await close()
  })

  test('time zone and retention are set; what deletes more is asked about first', async () => {
    const own = await earshot.account({ timezone })
    await visits(
      browser,
      earshot.url,
      own.apiKey,
    )('/settings', async (page) => {
      await page.getByLabel('Time zone').selectOption('Europe/Madrid')
      await page.getByLabel('Country').fill('es')
      await page.getByRole('button', { name: 'Save' }).first().click()
      await page.getByText('Saved.').waitFor()
      await page.getByLabel('Calls, from their end').fill('400')
      await page.getByRole('button', { name: 'Save' }).last().click()
      await page.getByText('cannot be brought back').waitFor()
      await expectAccessible(page)
      const before = await own.request('GET', '/v1/admin/account')
      expect(before.json).toMatchObject({ timezone: 'Europe/Madrid', country: 'ES', retention: { callsDays: null } })
      await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click()
      await page.getByRole('dialog').waitFor({ state: 'detached' })
      expect((await own.request('GET', '/v1/admin/account')).json.retention.callsDays).toBe(400)
    })
  })

  test.each([
    ['in English and light', { colorScheme: 'light', locale: 'en-US' }, ['Overview', 'Health', 'Settings']],
    ['in Spanish and dark', { colorScheme: 'dark', locale: 'es-CL' }, ['Resumen', 'Salud', 'Ajustes']],
    ['on a phone', { viewport: { width: 390, height: 844 }, locale: 'es-CL' }, ['Resumen', 'Salud', 'Ajustes']],
  ] as const)('every page can be used by all, %s', async (_, options, [overview, health, settings]) => {
    await visit(
      '/?figure=averageScore',
      async (page) => {
        const check = async (heading: string, last: Promise<unknown>): Promise<void> => {
          await page.getByRole('heading', { name: heading, exact: true }).waitFor()
          await last
          await expectAccessible(page)
          expect(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth')).toBe(0)
        }
        await check(overview, page.locator('tbody td span').first().waitFor({ state: 'attached' }))
        await page.goto(`${earshot.url}/status`)
        await check(health, page.getByText('PostgreSQL').waitFor())
        await page.goto(`${earshot.url}/settings`)
        await check(settings, page.locator('input[type=number]').first().waitFor())
      },
      options,
    )
  })

  test('the first load of the overview is under 250 kB on its way', () =>
    visit('/', async (page) => {
      await page.locator('tbody td span').first().waitFor({ state: 'attached' })
      const bytes = await page.evaluate<number>(
        "performance.getEntriesByType('resource').filter(({name}) => name.includes('/assets/')).reduce((sum, {transferSize}) => sum + transferSize, 0)",
      )
      expect(bytes).toBeGreaterThan(50_000)
      expect(bytes).toBeLessThan(250_000)
    }))
})
