import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemControl } from '../../server/src/features/accounts/controlContext.ts'
import { sendDemo } from '../../server/src/features/demo/send.ts'
import { createUser } from '../../server/src/features/users/createUser.ts'
import { openTestApp, type TestAccount, type TestApp } from '../../server/test/testApp.ts'
import { freshPage, hasBrowser, openBrowser } from './browser.ts'
import { spokenRecording } from './speech.ts'
import { expectAccessible, visits, type Visit } from './visits.ts'

const password = 'correct horse battery'
// A call of its own beside the demonstration's, whose words and times the tests know.
const call = {
  id: 'known-call',
  channel: 'phone',
  status: 'completed',
  startedAt: '2026-05-03T14:05:07Z',
  durationSeconds: 30,
  externalEndpoint: '+56911112222',
  language: 'es-CL',
}
const said = [
  { participant: 'agent', at: 1, text: 'Buenos días, ¿en qué puedo ayudarle?' },
  { participant: 'customer', at: 6, text: 'Quisiera reprogramar la visita del zahorí.' },
  { participant: 'agent', at: 12, text: 'Por supuesto, ¿qué día le acomoda?' },
  { participant: 'customer', at: 20, text: 'El lunes, por favor.' },
]
const lengthMs = 4000

describe.skipIf(!hasBrowser)('the console in a browser', () => {
  let earshot: TestApp
  let account: TestAccount
  let browser: Browser

  beforeAll(async () => {
    const opening = openBrowser()
    earshot = await openTestApp()
    account = await earshot.account({ timezone: 'America/Santiago' })
    const { apiKey } = account
    await sendDemo({ seed: 1, calls: 120, days: 7, endsAt: earshot.ports.now(), baseUrl: earshot.url, apiKey })
    await account.request('POST', '/v1/ingest/calls', call)
    const turns = said.map(({ at, ...turn }, index) => ({
      ...turn,
      id: `turn-${index}`,
      callId: call.id,
      at: new Date(Date.parse(call.startedAt) + at * 1000).toISOString(),
      durationMs: lengthMs,
    }))
    expect((await account.request('POST', '/v1/ingest/turns', turns)).status).toBe(200)
    const audio = spokenRecording(
      call.durationSeconds,
      said.map(({ participant, at }) => ({ from: at, to: at + lengthMs / 1000, isAgent: participant === 'agent' })),
    )
    const stored = await account.request('PUT', `/v1/ingest/calls/${call.id}/recording`, audio, {
      'Content-Type': 'audio/wav',
    })
    expect(stored.status).toBe(200)
    const owner = systemControl(earshot.ports, account.id)
    await createUser(owner, { email: 'ana@example.com', name: 'Ana Soto', role: 'viewer', password })
    browser = await opening
  })

  afterAll(async () => {
    await browser?.close()
    await earshot?.close()
  })

  const visit: Visit = (...visited) => visits(browser, earshot.url, account.apiKey)(...visited)

  const rows = (page: Page) => page.locator('tbody tr a')

  test('nobody sees a page before signing in, and then the page that was asked for', async () => {
    const { page, complaints, close } = await freshPage(browser, { locale: 'en-US' })
    await page.goto(`${earshot.url}/calls/${call.id}`)
    await page.getByRole('heading', { name: 'Sign in' }).waitFor()
    expect(await page.content()).not.toContain(call.externalEndpoint)
    await expectAccessible(page)
    await page.getByLabel('API key').last().fill('ak_live_00000000000000000000000000000000')
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByText('This API key does not work.').waitFor()
    expect(await page.context().cookies()).toEqual([])
    await page.getByLabel('API key').last().fill(account.apiKey)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('heading', { name: call.externalEndpoint }).waitFor()
    const [cookie] = await page.context().cookies()
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' })
    expect(await page.evaluate('document.cookie')).toBe('')
    expect(complaints).toEqual([])
    await close()
  })

  test('a viewer signs in with a password, in Spanish, and out again', async () => {
    const { page, complaints, close } = await freshPage(browser, { locale: 'es-CL' })
    await page.goto(`${earshot.url}/calls`)
    await page.getByText('Correo', { exact: true }).click()
    await page.getByLabel('Correo electrónico').fill('ana@example.com')
    await page.getByLabel('Contraseña').fill(password)
    await page.getByRole('button', { name: 'Entrar' }).click()
    await page.getByRole('heading', { name: 'Llamadas' }).waitFor()
    expect(await page.evaluate('document.documentElement.lang')).toBe('es')
    await page.getByRole('button', { name: 'Ana Soto' }).click()
    await page.getByRole('menuitem', { name: 'Cerrar sesión' }).click()
    await page.getByRole('heading', { name: 'Iniciar sesión' }).waitFor()
    expect(await page.context().cookies()).toEqual([])
    expect(complaints).toEqual([])
    await close()
  })

  test('a session that ends while a page is open asks to sign in again', () =>
    visit('/calls', async (page) => {
      await rows(page).first().waitFor()
      await page.context().clearCookies()
      await page.getByRole('button', { name: /Duration/ }).click()
      await page.getByText('Your session has ended.').waitFor()
    }))

  test('calls are filtered, sorted and paged, and the address says how', () =>
    visit('/calls', async (page) => {
      await page.getByText('121 calls').waitFor()
      expect(await rows(page).count()).toBe(50)
      await page.getByRole('button', { name: 'Next page' }).click()
      await page.getByText('51–100 of 121').waitFor()
      await page.getByRole('button', { name: 'Previous page' }).click()
      await page.getByText('1–50 of 121').waitFor()

      await page.getByRole('button', { name: /Duration/ }).click()
      await page.locator('th[aria-sort=descending]', { hasText: 'Duration' }).waitFor()
      await page.getByRole('button', { name: 'Status' }).click()
      await page.getByLabel('Escalated').check()
      await page.keyboard.press('Escape')
      await page.getByRole('button', { name: 'Clear all filters' }).waitFor()
      expect(page.url()).toBe(`${earshot.url}/calls?status=escalated&sort=duration_seconds`)
      await page.locator('[aria-busy=false]').waitFor()
      const statuses = await page.locator('tbody [data-status]').allTextContents()
      expect(new Set(statuses)).toEqual(new Set(['Escalated']))

      await page.reload()
      await rows(page).first().waitFor()
      expect(await page.locator('tbody [data-status]').allTextContents()).toEqual(statuses)
    }))

  test('a search finds what was said and marks it, in the list and in the call', () =>
    visit('/calls', async (page) => {
      await rows(page).first().waitFor()
      await page.keyboard.press('/')
      await page.keyboard.type('zahori visita')
      await page.getByText('1 call', { exact: true }).waitFor()
      await page.locator('tbody mark', { hasText: 'zahorí' }).waitFor()
      await rows(page).first().click()
      await page.getByText('1 hit for “zahori visita”').waitFor()
      expect(await page.locator('mark').allTextContents()).toEqual(['visita', 'zahorí'])
      await page.goBack()
      expect(await page.getByRole('searchbox').inputValue()).toBe('zahori visita')
    }))

  test('what is found nowhere is told with a way out, and so is an account without calls', async () => {
    await visit('/calls?q=zzzz', async (page) => {
      await page.getByRole('heading', { name: 'No call fits these filters' }).waitFor()
      await page.getByRole('button', { name: 'Clear all filters' }).last().click()
      await page.getByText('121 calls').waitFor()
    })
    const { apiKey } = await earshot.account()
    await visit('/health', async (page) => {
      await page.request.post(`${earshot.url}/v1/session`, { data: { apiKey } })
      await page.goto(`${earshot.url}/calls`)
      await page.getByRole('heading', { name: 'No calls yet' }).waitFor()
      await expectAccessible(page)
    })
  })

  test('a view is saved under a name, columns with it', () =>
    visit('/calls?status=failed', async (page) => {
      await page.getByRole('button', { name: 'Columns' }).click()
      await page.getByLabel('Tickets').uncheck()
      await page.keyboard.press('Escape')
      await page.getByRole('button', { name: 'Views' }).click()
      await page.getByLabel('Save these filters as a view').fill('Broken ones')
      await page.getByRole('button', { name: 'Save', exact: true }).click()
      await page.goto(`${earshot.url}/calls`)
      await page.getByRole('button', { name: 'Views' }).click()
      await page.getByRole('button', { name: 'Broken ones', exact: true }).click()
      await page.getByRole('button', { name: 'Clear all filters' }).waitFor()
      expect(new URL(page.url()).searchParams.get('status')).toBe('failed')
      expect(await page.getByRole('columnheader', { name: 'Tickets' }).count()).toBe(0)
    }))

  test('clicking a line plays it, and the transcript follows the player', () =>
    visit(`/calls/${call.id}`, async (page) => {
      await page.getByRole('button', { name: 'Play from 0:12' }).click()
      await page.getByRole('button', { name: 'Pause' }).waitFor()
      await page.locator('li[aria-current=true]', { hasText: 'qué día le acomoda' }).waitFor()
      await page.keyboard.press('k')
      await page.getByRole('button', { name: 'Play', exact: true }).waitFor()
      const position = page.getByRole('slider', { name: 'Position in the recording' })
      expect(Number(await position.inputValue())).toBeGreaterThanOrEqual(12)
      await position.fill('21')
      await page.locator('li[aria-current=true]', { hasText: 'El lunes' }).waitFor()
      await page.getByRole('button', { name: '1× Speed' }).click()
      await page.getByRole('menuitemradio', { name: '1.5×' }).waitFor()
      await expectAccessible(page)
      await page.getByRole('menuitemradio', { name: '1.5×' }).click()
      await page.getByRole('button', { name: '1.5× Speed' }).waitFor()
    }))

  test('what opens over a page can be used by all', () =>
    visit('/calls?status=escalated', async (page) => {
      await rows(page).first().waitFor()
      await page.getByRole('button', { name: 'Period' }).click()
      await page.getByLabel('Last 7 days').waitFor()
      await expectAccessible(page)
      await page.keyboard.press('Escape')
      await page.getByRole('button', { name: 'API key' }).click()
      await page.getByRole('menuitemradio', { name: 'Español' }).waitFor()
      await expectAccessible(page)
      await page.getByRole('menuitemradio', { name: 'Español' }).click()
      await page.getByRole('heading', { name: 'Llamadas' }).waitFor()
      await page.keyboard.press('?')
      await page.getByRole('dialog', { name: 'Atajos de teclado' }).waitFor()
      await expectAccessible(page)
    }))

  test('a review is added to a call and shown there at once; a viewer is not asked for one', async () => {
    await visit(`/calls/${call.id}`, async (page) => {
      await page.getByText('Nobody has reviewed this call yet.').waitFor()
      await page.getByRole('button', { name: 'Add a review' }).click()
      await page.getByLabel('Question').fill('Greets by name')
      await page.getByRole('button', { name: 'Add', exact: true }).click()
      await page.getByText('Give an answer, a score or a comment, too.').waitFor()
      await expectAccessible(page)
      await page.getByLabel('Answer').fill('Yes')
      await page.getByLabel('Score').fill('8.5')
      await page.getByLabel('Comment').fill('Warm and clear.')
      await page.getByRole('button', { name: 'Add', exact: true }).click()
      await page.getByRole('dialog').waitFor({ state: 'hidden' })
      const review = page.getByRole('region', { name: 'Reviews' }).getByRole('listitem')
      expect(await review.innerText()).toMatch(/Greets by name\s+8\.5 of 10\s+Yes\s+Warm and clear\.\s+\S/)
      await expectAccessible(page)
    })
    const { page, close } = await freshPage(browser, { locale: 'en-US' })
    await page.request.post(`${earshot.url}/v1/session`, { data: { email: 'ana@example.com', password } })
    await page.goto(`${earshot.url}/calls/${call.id}`)
    await page.getByText('Greets by name').waitFor()
    expect(await page.getByRole('button', { name: 'Add a review' }).count()).toBe(0)
    await close()
  })

  test('times are those of the account’s zone', () =>
    visit(`/calls/${call.id}`, (page) => page.getByText('May 3, 2026 at 10:05:07 AM').waitFor()))

  test('what does not exist is said in the console’s own words', () =>
    visit('/calls/none', (page) => page.getByRole('heading', { name: 'There is no such call' }).waitFor()))

  test.each([
    ['in English and light', { colorScheme: 'light', locale: 'en-US' }, 'Transcript'],
    ['in Spanish and dark', { colorScheme: 'dark', locale: 'es-CL' }, 'Transcripción'],
    ['on a phone', { viewport: { width: 390, height: 844 }, locale: 'es-CL' }, 'Transcripción'],
  ] as const)('every page can be used by all, %s', async (_, options, heading) => {
    await visit(
      '/calls?status=failed,abandoned',
      async (page) => {
        await page.locator('main a[href*="/calls/"]').first().waitFor()
        await expectAccessible(page)
        await page.goto(`${earshot.url}/calls/${call.id}?q=visita`)
        await page.getByRole('heading', { name: heading }).waitFor()
        await page.locator('mark').first().waitFor()
        await expectAccessible(page)
        expect(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth')).toBe(0)
      },
      options,
    )
  })

  test('the first page is under 250 kB on its way', async () => {
    const { page, close } = await freshPage(browser, { locale: 'en-US' })
    await page.request.post(`${earshot.url}/v1/session`, { data: { apiKey: account.apiKey } })
    await page.goto(`${earshot.url}/calls`)
    await rows(page).first().waitFor()
    const bytes = await page.evaluate(
      "performance.getEntriesByType('resource').filter(({name}) => name.includes('/assets/')).reduce((sum, {transferSize}) => sum + transferSize, 0)",
    )
    expect(bytes).toBeGreaterThan(50_000)
    expect(bytes).toBeLessThan(250_000)
    await close()
  })
})
