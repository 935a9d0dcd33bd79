import { afterAll, beforeAll, expect, test } from 'vitest'
import { readAllChanges } from '../../../test/changes/follow.ts'
import { callOf, send } from '../../../test/changes/sent.ts'
import { openTestApp, type TestApp } from '../../../test/testApp.ts'
import { issueKey } from '../../features/keys/issueKey.ts'

let earshot: TestApp

beforeAll(async () => {
  earshot = await openTestApp()
})
afterAll(() => earshot.close())

/** An account whose first key waits for changes of calls; the second one goes on. */
async function waitingReader() {
  const account = await earshot.account()
  await send(account, 'calls', callOf('a'))
  const { cursor } = await readAllChanges(account, 'calls')
  const [{ id }] = (await account.request('GET', '/v1/admin/keys')).json.data as [{ id: string }]
  const other = await issueKey(earshot.ports, { account: `account ${account.id}`, scopes: ['*'] })
  const asked = account.request('GET', `/v1/changes/calls?wait=60&cursor=${cursor}`)
  const asOther = (method: string, path: string, body?: object) =>
    fetch(`${earshot.url}${path}`, {
      method,
      headers: { 'X-Api-Key': other.apiKey, ...(body ? { 'Content-Type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
  return { asked, revoke: () => asOther('DELETE', `/v1/admin/keys/${id}`), asOther }
}

test('a reader whose key is revoked while it waits is told so at once', async () => {
  const { asked, revoke } = await waitingReader()
  expect((await revoke()).status).toBe(204)
  // Nothing changes, so that only the end of the waiting, a minute later, would be another answer.
  const { status, json } = await asked
  expect([status, json.error.code]).toEqual([401, 'INVALID_API_KEY'])
})

test('a reader whose key was revoked gets nothing of what comes right after', async () => {
  const { asked, revoke, asOther } = await waitingReader()
  expect((await revoke()).status).toBe(204)
  expect((await asOther('POST', '/v1/ingest/calls', callOf('secret'))).status).toBe(200)
  const { status, text } = await asked
  expect(status).toBe(401)
  expect(text).not.toContain('secret')
})
