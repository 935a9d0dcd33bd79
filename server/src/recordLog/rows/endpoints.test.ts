import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'

let earshot: TestApp
let account: TestAccount

beforeAll(async () => {
  earshot = await openTestApp()
})
afterAll(() => earshot.close())
beforeEach(async () => {
  account = await earshot.account()
})

const call = (id: string, hour: number, more: object = {}) => ({
  id,
  channel: 'phone',
  status: 'completed',
  startedAt: `2026-11-20T${hour}:00:00Z`,
  durationSeconds: 60,
  ...more,
})

async function send(record: object): Promise<void> {
  const answer = await account.request('POST', '/v1/ingest/calls', record)
  expect(answer.status, answer.text).toBe(200)
  await earshot.ports.recordLog.flush(account.id)
}

async function get(path: string) {
  const answer = await account.request('GET', path)
  expect(answer.status, answer.text).toBe(200)
  return answer.json
}

const repeats = async (id: string): Promise<number> => (await get(`/v1/records/calls/${id}`)).data.dailyRepeatCalls

/** Changes what is stored of the account's calls, as an earlier program would have stored it. */
async function store(table: string, change: string): Promise<void> {
  await earshot.ports.clickhouse.command(
    `ALTER TABLE ${table} ${change} AND account_id = {accountId:UInt32} SETTINGS mutations_sync = 2`,
    { accountId: account.id },
  )
}

test('an empty endpoint that was stored once is no caller, on any surface', async () => {
  await send(call('unknown', 10, { externalEndpoint: '+561', internalEndpoint: '+562', notes: 'x', outcome: 'y' }))
  await store(
    'calls',
    "UPDATE external_endpoint = '', internal_endpoint = '', notes = '', outcome = '' WHERE id = 'unknown'",
  )
  const { data } = await get('/v1/records/calls/unknown')
  for (const name of ['externalEndpoint', 'internalEndpoint', 'notes', 'outcome']) expect(data).not.toHaveProperty(name)
  expect((await get('/api/v1/calls/unknown')).caller_id).toBeNull()
  const [shown] = await get('/v1/sa/call?format=json')
  for (const name of ['externalEndpoint', 'internalEndpoint', 'notes']) expect(shown).not.toHaveProperty(name)
  await send({ id: 'unknown', campaignId: 'c1' })
  await send(call('other', 11))
  expect([await repeats('unknown'), await repeats('other')]).toEqual([0, 0])
})

test('calls that the key table names by both endpoints are found by the external one', async () => {
  const folder = join(import.meta.dirname, '../../store')
  const path = join(folder, 'migrations/clickhouse/0007_external_endpoints.sql')
  await send(call('first', 10, { externalEndpoint: '+561', internalEndpoint: '+562' }))
  await store('record_keys', "DELETE WHERE collection = 'endpoints'")
  const statement = (await readFile(path, 'utf8')).replace(/;\s*$/, '')
  // A migration that was cut off runs again.
  for (let run = 0; run < 2; run++) await earshot.ports.clickhouse.command(statement)
  await send(call('second', 11, { externalEndpoint: '+561', internalEndpoint: '+563' }))
  expect([await repeats('first'), await repeats('second')]).toEqual([0, 1])
})
