import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemControl } from '../../server/src/features/accounts/controlContext.ts'
import { createUser } from '../../server/src/features/users/createUser.ts'
import { openTestApp, type TestAccount, type TestApp } from '../../server/test/testApp.ts'
import { freshPage, hasBrowser, openBrowser } from './browser.ts'
import { expectAccessible } from './visits.ts'

const password = 'correct horse battery'

describe.skipIf(!hasBrowser)('signing in', () => {
  let earshot: TestApp
  let account: TestAccount
  let browser: Browser

  beforeAll(async () => {
    const opening = openBrowser()
    earshot = await openTestApp()
    account = await earshot.account()
    browser = await opening
  })
  afterAll(async () => {
    await browser?.close()
    await earshot?.close()
  })

  test('a password that was given is changed at once, in Spanish; a known one is refused', async () => {
    const control = systemControl(earshot.ports, account.id)
    await createUser(control, { email: 'eva@example.com', role: 'viewer', password, mustChangePassword: true })
    const { page, complaints, close } = await freshPage(browser, { locale: 'es-CL' })
    await page.request.post(`${earshot.url}/v1/session`, { data: { email: 'eva@example.com', password } })
    await page.goto(`${earshot.url}/calls`)
    await page.getByRole('heading', { name: 'Elija una contraseña propia' }).waitFor()
    await page.getByLabel('Contraseña actual').fill(password)
    await page.getByLabel('Nueva contraseña').fill('qwertyqwerty')
    await page.getByRole('button', { name: 'Cambiar la contraseña' }).click()
    await page.getByText('Esta se adivina fácilmente.').waitFor()
    await expectAccessible(page)
    await page.getByLabel('Nueva contraseña').fill('una contraseña de las mías')
    await page.getByRole('button', { name: 'Cambiar la contraseña' }).click()
    await page.getByRole('heading', { name: 'Llamadas', exact: true }).waitFor()
    expect(complaints).toEqual([])
    await close()
  })

  test('where people are signed in stands under the settings, and each other sign-in can be ended', async () => {
    await createUser(systemControl(earshot.ports, account.id), { email: 'ana@example.com', role: 'viewer', password })
    const [here, there] = [await freshPage(browser, { locale: 'en-US' }), await freshPage(browser, {})]
    for (const { page } of [here, there]) {
      await page.request.post(`${earshot.url}/v1/session`, { data: { email: 'ana@example.com', password } })
    }
    await here.page.goto(`${earshot.url}/settings`)
    const rows = here.page.getByRole('list', { name: 'Where you are signed in' }).getByRole('listitem')
    await here.page.getByRole('button', { name: /^End Chrome, Linux, signed in/ }).waitFor()
    expect(await rows.count()).toBe(2)
    await expectAccessible(here.page)
    await here.page.getByRole('button', { name: /^End Chrome, Linux, signed in/ }).click()
    await expect.poll(() => rows.count()).toBe(1)
    expect(await rows.textContent()).toContain('(here)')
    expect((await there.page.request.get(`${earshot.url}/v1/session`)).status()).toBe(401)
    expect(here.complaints).toEqual([])
    await here.close()
    await there.close()
  })
})
