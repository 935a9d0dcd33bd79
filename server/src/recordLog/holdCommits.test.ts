import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openTestApp, type TestAccount, type TestApp } from '../../test/testApp.ts'
import { holdCommits } from './holdCommits.ts'
import { recoverBatches } from './log/commit.ts'

let earshot: TestApp
let account: TestAccount

beforeAll(async () => {
  earshot = await openTestApp()
})
afterAll(() => earshot.close())
beforeEach(async () => {
  account = await earshot.account()
})

async function send(id: string): Promise<void> {
  const call = { id, channel: 'phone', status: 'completed', startedAt: '2026-05-03T14:05:07Z', durationSeconds: 60 }
  const answer = await account.request('POST', '/v1/ingest/calls', call)
  expect(answer.status, answer.text).toBe(200)
}

/** The calls that the engine shows. */
async function storedCalls(): Promise<string[]> {
  const rows = await earshot.ports.clickhouse.rows<{ id: string }>(
    `SELECT id
     FROM calls FINAL
     WHERE account_id = {accountId:UInt32}
     ORDER BY number`,
    { accountId: account.id },
  )
  return rows.map(({ id }) => id)
}

test('the work sees what was acknowledged before it, and what is sent meanwhile comes after it', async () => {
  await send('before')
  const order: string[] = []
  let sending: Promise<unknown> = Promise.resolve()
  const watermark = await holdCommits(earshot.ports, account.id, async () => {
    sending = send('meanwhile').then(() => order.push('sent'))
    for (let read = 0; read < 20; read++) expect(await storedCalls()).toEqual(['before'])
    order.push('worked')
  })
  await sending
  expect(order).toEqual(['worked', 'sent'])
  expect(watermark).toEqual({ seq: 1, number: 1 })
  const { json } = await account.request('GET', '/v1/records/calls/meanwhile')
  expect(json.data).toMatchObject({ id: 'meanwhile', number: 2 })
})

test('works for an account without records', async () => {
  expect(await holdCommits(earshot.ports, account.id, async () => {})).toEqual({ seq: 0, number: 0 })
})

test('work that fails lets the account go on', async () => {
  const failing = holdCommits(earshot.ports, account.id, () => Promise.reject(new Error('The work failed.')))
  await expect(failing).rejects.toThrow('The work failed.')
  await send('after')
})

test('work during which others went on is refused, and one that died holds nobody up', async () => {
  await send('first')
  const overtaken = holdCommits(earshot.ports, account.id, async () => {
    // As if this process had stood still for long: another one takes the entry for a dead writer's.
    await recoverBatches(earshot.ports, {})
    await send('second')
  })
  await expect(overtaken).rejects.toMatchObject({ code: 'UNAVAILABLE' })
})
