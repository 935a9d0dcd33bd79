import { readFile } from 'node:fs/promises'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { sendDemo } from '../../server/src/features/demo/send.ts'
import { sql } from '../../server/src/store/postgres/postgres.ts'
import { answering, openReceiver, type Receiver } from '../../server/test/receiver.ts'
import { openTestApp, type TestAccount, type TestApp } from '../../server/test/testApp.ts'
import { hasBrowser, openBrowser } from './browser.ts'
import { expectAccessible, visits, type Visit } from './visits.ts'

describe.skipIf(!hasBrowser)('what is managed in the console', () => {
  let earshot: TestApp
  let account: TestAccount
  let browser: Browser
  let receiver: Receiver
  let visit: Visit

  beforeAll(async () => {
    const opening = openBrowser()
    earshot = await openTestApp({ EARSHOT_WEBHOOK_PRIVATE: '127.0.0.0/8' })
    account = await earshot.account({ timezone: 'America/Santiago' })
    receiver = await openReceiver()
    const { apiKey } = account
    await sendDemo({ seed: 1, calls: 60, days: 5, endsAt: earshot.ports.now(), baseUrl: earshot.url, apiKey })
    browser = await opening
    visit = visits(browser, earshot.url, apiKey)
  })

  afterAll(async () => {
    await browser?.close()
    await receiver?.close()
    await earshot?.close()
  })

  describe('exports', () => {
    test('an export is started, waits, is cancelled, and then runs from click to opened file', () =>
      visit('/exports', async (page) => {
        await page.getByRole('heading', { name: 'Nothing has been exported yet' }).waitFor()
        await expectAccessible(page)
        await page.getByRole('button', { name: 'New export' }).click()
        await page.getByLabel('What', { exact: true }).selectOption('turn')
        await page.getByLabel('Format').selectOption('ndjson')
        await page.getByText('Columns: all').click()
        await page.getByRole('button', { name: 'None' }).click()
        await page
          .getByLabel('interaction_id', { exact: true })
          .or(page.locator('fieldset input').first())
          .first()
          .check()
        await page.getByText('The same with curl').click()
        await page.getByText('"dataset":"turn"').waitFor()
        await expectAccessible(page)
        await page.getByRole('button', { name: 'Start the export' }).click()
        await page.getByText('Next in the queue').waitFor()
        await expectAccessible(page)
        await page.getByRole('button', { name: 'Cancel: Turns' }).click()
        await page.getByText('Cancelled', { exact: true }).waitFor()

        await page.getByRole('button', { name: 'Run again: Turns' }).click()
        await page.getByText('Next in the queue').waitFor()
        earshot.ports.jobs.start()
        const link = page.getByRole('link', { name: /\.ndjson/ })
        const downloading = page.waitForEvent('download')
        await link.click()
        const file = await readFile(await (await downloading).path(), 'utf8')
        const [first = ''] = file.split('\n')
        expect(Object.keys(JSON.parse(first) as object)).toHaveLength(1)
        await page.goto(`${earshot.url}/exports?state=completed`)
        await link.waitFor()
        expect(await page.getByText('Cancelled', { exact: true }).count()).toBe(0)
      }))

    test('why one failed is told, and it can be run again', () =>
      visit('/exports', async (page) => {
        const started = await account.request('POST', '/v1/exports', {
          dataset: 'agent',
          dateFrom: '2026-05-01',
          dateTo: '2026-05-31',
        })
        const id: string = started.json.data.exportId
        await page.getByRole('button', { name: 'Run again: Agents' }).waitFor()
        await earshot.ports.postgres.run(sql`
          UPDATE exports
          SET status = 'failed', files = '[]', error = 'The disk was full.'
          WHERE id = ${id}`)
        await page.goto(`${earshot.url}/exports?state=failed`)
        await page.getByText('It failed: The disk was full.').waitFor()
        await expectAccessible(page)
        await page.getByRole('button', { name: 'Run again: Agents' }).click()
        await page.goto(`${earshot.url}/exports?state=completed`)
        await page.getByText('May 1, 2026 – May 31, 2026').waitFor()
      }))

    test('who may not export is told what is missing', async () => {
      const reader = await earshot.account({ scopes: ['calls:read'] })
      await visits(
        browser,
        earshot.url,
        reader.apiKey,
      )('/exports', async (page) => {
        await page.getByText('It needs the scope analytics:export.').waitFor()
        expect(await page.getByRole('navigation').getByRole('link', { name: 'Exports' }).count()).toBe(0)
        await expectAccessible(page)
      })
    })
  })

  describe('webhooks', () => {
    test('an endpoint is made, its secret shown once, and a test arrives and is looked at', () =>
      visit('/webhooks', async (page) => {
        await page.getByRole('heading', { name: 'No endpoints yet' }).waitFor()
        await page.getByRole('button', { name: 'New endpoint' }).click()
        await page.getByLabel('Address').fill('http://10.0.0.1/hooks')
        await page.getByRole('button', { name: 'Create' }).click()
        await page.getByText('The server refused this:').waitFor()
        await page.getByLabel('Address').fill(receiver.url)
        await page.getByLabel('All events').uncheck()
        await page.getByLabel('export.completed').check()
        await page.getByLabel('call.completed').check()
        await expectAccessible(page)
        await page.getByRole('button', { name: 'Create' }).click()
        const secret = await page.getByText(/^whsec_/).textContent()
        await expectAccessible(page)
        await page.getByRole('button', { name: 'Done' }).click()
        await page.getByRole('heading', { name: receiver.url }).waitFor()
        expect(await page.content()).not.toContain(secret)

        await page.getByRole('heading', { name: 'Nothing has been sent yet' }).waitFor()
        receiver.behave(answering(200, {}, 'taken with thanks'))
        await page.getByRole('button', { name: 'Send a test' }).click()
        await receiver.count(1)
        await page.getByText('Answered 200').waitFor()
        await page.getByRole('button', { name: /^Details: webhook\.test/ }).click()
        await page.getByText('taken with thanks').waitFor()
        await page.getByText('"message": "This is a test."').waitFor()
        await expectAccessible(page)
        await page.getByRole('button', { name: 'Send again', exact: true }).click()
        await receiver.count(2)
        expect(receiver.requests[1]?.json.id).toBe(receiver.requests[0]?.json.id)
        const pending = sql`SELECT id FROM webhook_deliveries WHERE status = 'pending'`
        await expect.poll(() => earshot.ports.postgres.query(pending)).toEqual([])

        await page.getByRole('button', { name: 'Send again since' }).click()
        await page.getByLabel('Since').fill('2026-01-01T00:00')
        await page.getByLabel('Which').selectOption({ label: 'All that have ended' })
        await page.getByRole('dialog').getByRole('button', { name: 'Send again' }).click()
        await page.getByText('1 event is sent again.').waitFor()
        await receiver.count(3)
        await page.getByRole('button', { name: 'Done' }).click()

        await page.getByText('Failed', { exact: true }).click()
        await page.getByRole('heading', { name: 'No delivery has this state' }).waitFor()
        expect(new URL(page.url()).search).toBe('?status=failed')
      }))

    test('an endpoint is changed, gets another secret, is turned off and on, and deleted', () =>
      visit('/webhooks', async (page) => {
        await page.getByRole('link', { name: receiver.url }).click()
        await page.getByRole('button', { name: 'Edit' }).click()
        await page.getByLabel('Description').fill('The warehouse')
        await page.getByRole('button', { name: 'Save' }).click()
        await page.getByText('The warehouse').waitFor()
        await page.getByRole('button', { name: 'New secret' }).click()
        await page.getByRole('dialog').getByRole('button', { name: 'New secret' }).click()
        await page.getByText(/^whsec_/).waitFor()
        await page.getByRole('button', { name: 'Done' }).click()
        await page.getByRole('button', { name: 'Disable' }).click()
        await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click()
        await page.getByText('Disabled', { exact: true }).waitFor()
        await page.getByRole('button', { name: 'Enable' }).click()
        await page.getByText('Active', { exact: true }).waitFor()
        await page.getByRole('button', { name: 'Delete' }).click()
        await expectAccessible(page)
        await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
        await page.getByRole('heading', { name: 'No endpoints yet' }).waitFor()
      }))
  })

  describe('keys', () => {
    test('a key is made, works, is rotated, and stops working when it is revoked', () =>
      visit('/keys', async (page) => {
        const works = async (apiKey: string) =>
          (await fetch(`${earshot.url}/api/v1/calls`, { headers: { 'X-Api-Key': apiKey } })).status
        const shown = (prefix: string) =>
          page
            .getByText(new RegExp(`^${prefix}`))
            .last()
            .textContent()
        await page.getByText('You are signed in with it').waitFor()
        await page.getByRole('button', { name: 'New key' }).click()
        await page.getByLabel('Name').fill('Nightly load')
        await page.getByLabel('analytics:read').check()
        await page.getByLabel('Expires').fill('2030-06-30')
        await expectAccessible(page)
        await page.getByRole('button', { name: 'Create the key' }).click()
        await page.getByText('JWT, for clients that take a token').waitFor()
        const first = (await page.getByText(/^ak_live_\w{20,}$/).textContent()) ?? ''
        expect(await works(first)).toBe(200)
        await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
        await page.getByRole('button', { name: 'Copy: API key' }).click()
        await page.getByText('Copied', { exact: true }).waitFor()
        expect(await page.evaluate('navigator.clipboard.readText()')).toBe(first)
        await expectAccessible(page)
        await page.getByRole('button', { name: 'Done' }).click()
        // The day's end in Santiago.
        await page.getByText('Expires Jul 1, 2030, 00:00').waitFor()
        expect(await shown('ak_live_')).not.toBe(first)

        await page.getByRole('button', { name: 'Rotate: Nightly load' }).click()
        await page.getByLabel('The old key works').selectOption({ label: 'no longer' })
        await page.getByRole('dialog').getByRole('button', { name: 'Rotate' }).click()
        const second = (await page.getByText(/^ak_live_\w{20,}$/).textContent()) ?? ''
        expect([await works(first), await works(second)]).toEqual([401, 200])
        await page.getByRole('button', { name: 'Done' }).click()

        await page.getByRole('button', { name: 'Revoke: Nightly load' }).click()
        await expectAccessible(page)
        await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click()
        await page.getByRole('dialog').waitFor({ state: 'hidden' })
        expect(await works(second)).toBe(401)
        expect(await page.getByText('Nightly load').count()).toBe(0)
        await page.getByText('All', { exact: true }).click()
        await page.getByText('Revoked', { exact: true }).waitFor()
        await page.getByText('Expired', { exact: true }).waitFor()
        await expectAccessible(page)
      }))
  })

  describe('data', () => {
    test('what was refused is shown by who sent it, and what would be right', async () => {
      await visit('/data', async (page) => {
        await page.getByText('Nothing was refused in the last 7 days.').waitFor()
        await account.request('POST', '/v1/ingest/turns?onError=skip', [{ id: 't1' }, { id: 't2' }])
        await account.request('POST', '/v1/ingest/calls', '{', { 'Content-Type': 'application/json' })
        await page.reload()
        const table = page.getByRole('table', { name: 'What was refused' })
        await table.getByRole('rowheader', { name: new RegExp(`^API key .*${account.apiKey.slice(0, 10)}`) }).waitFor()
        const row = table.getByRole('row').filter({ hasText: 'callId is required on every write of a part.' })
        await row.getByText('2 records').waitFor()
        await row.getByText('POST /v1/ingest/turns').waitFor()
        await table.getByText('The body is not well-formed JSON').waitFor()
        await expectAccessible(page)
        const [documents] = await Promise.all([
          page.waitForEvent('popup'),
          page.getByRole('link', { name: 'Accepted formats' }).click(),
        ])
        await documents.getByText('/v1/ingest/{collection}', { exact: true }).first().waitFor()
      })
    })

    test('what came in is counted, a blocked call released, a hold set and released', async () => {
      const { feedBlockedAfterSeconds } = earshot.ports.config
      const stuck = { id: 'stuck', channel: 'phone', status: 'active', startedAt: '2026-05-03T14:05:07Z' }
      await account.request('POST', '/v1/ingest/calls', stuck)
      await account.request('PATCH', '/v1/admin/account', { retention: { recordingsDays: 90 } })
      earshot.ports.config.feedBlockedAfterSeconds = -60
      try {
        await visit('/data', async (page) => {
          await page.getByRole('img', { name: /^Records by hour: From|^Records by hour: \d/ }).waitFor()
          await page.getByText('90 days').waitFor()
          await page.getByRole('button', { name: 'Release: stuck' }).click()
          await expectAccessible(page)
          await page.getByRole('dialog').getByRole('button', { name: 'Release' }).click()
          await page.getByRole('dialog').waitFor({ state: 'hidden' })
          expect(await page.getByRole('button', { name: 'Release: stuck' }).count()).toBe(0)

          await page.getByText('No call is under a hold.').waitFor()
          await page.getByRole('button', { name: 'Hold a call' }).click()
          await page.getByLabel('Id of the call').fill('nothing')
          await page.getByLabel('Reason').fill('Matter 17')
          await page.getByRole('dialog').getByRole('button', { name: 'Hold a call' }).click()
          await page.getByRole('alert').getByText('There is no call “nothing”.').waitFor()
          await page.getByLabel('Id of the call').fill('stuck')
          await page.getByRole('dialog').getByRole('button', { name: 'Hold a call' }).click()
          await page.getByText('Matter 17').waitFor()
          await expectAccessible(page)
          await page.getByRole('button', { name: 'Release: stuck' }).click()
          await page.getByRole('dialog').getByRole('button', { name: 'Release' }).click()
          await page.getByText('No call is under a hold.').waitFor()
        })
      } finally {
        earshot.ports.config.feedBlockedAfterSeconds = feedBlockedAfterSeconds
      }
    })
  })

  test.each([
    ['in Spanish and dark', { colorScheme: 'dark', locale: 'es-CL' }],
    ['on a phone', { viewport: { width: 390, height: 844 }, locale: 'es-CL' }],
  ] as const)('every page can be used by all, %s', async (_, options) => {
    const made = await account.request('POST', '/api/v1/webhooks', { url: receiver.url, events: ['*'] })
    await account.request('POST', `/api/v1/webhooks/${made.json.id}/test`)
    const pages = [
      ['/exports', 'Exportaciones'],
      ['/exports?new=yes', 'Nueva exportación'],
      ['/webhooks', 'Webhooks'],
      [`/webhooks/${made.json.id}`, 'Entregas'],
      ['/keys?show=all', 'Claves de API'],
      ['/data', 'Bloqueos legales'],
    ] as const
    await visit(
      '/exports',
      async (page) => {
        for (const [path, heading] of pages) {
          await page.goto(earshot.url + path)
          await page.getByRole('heading', { name: heading, exact: true }).waitFor()
          await page.locator('[aria-busy=true]').first().waitFor({ state: 'detached' })
          await expectAccessible(page)
          expect(await page.evaluate('document.documentElement.scrollWidth - window.innerWidth'), path).toBe(0)
        }
      },
      options,
    )
    await account.request('DELETE', `/api/v1/webhooks/${made.json.id}`)
  })
})
