import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { exportDatasets, fileOf } from '../../../test/datasetExport.ts'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'
import { systemContext } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { findCustomersByContact } from '../../features/customers/findCustomersByContact.ts'
import { systemControl } from '../../features/accounts/controlContext.ts'
import { updateAccount } from '../../features/accounts/updateAccount.ts'

let earshot: TestApp
let account: TestAccount

const noon = '2026-05-03T12:00:00Z'
const day = { from: '2026-05-03T00:00:00Z', to: '2026-05-04T00:00:00Z' }

beforeAll(async () => {
  earshot = await openTestApp()
  earshot.ports.jobs.start()
  account = await accountIn('CL')
})
afterAll(() => earshot.close())

async function accountIn(country: string | undefined): Promise<TestAccount> {
  const made = await earshot.account()
  if (country !== undefined) await updateAccount(systemControl(earshot.ports, made.id), { country })
  await fill(made)
  return made
}

async function fill(sender: TestAccount): Promise<void> {
  const ingest = async (collection: string, records: unknown) => {
    const answer = await sender.request('POST', `/v1/ingest/${collection}`, records)
    expect(answer.status, answer.text.slice(0, 500)).toBe(200)
  }
  await ingest('customers', [
    { id: 'international', contacts: ['+56 9 1234 5678', 'One.Two@Example.com'] },
    { id: 'national', contacts: ['(9) 1234-5678'] },
    { id: 'zeros', contacts: ['0056 912345678 ext. 12'] },
    { id: 'plain', contacts: ['56912345678', 'ñandú@example.com'] },
    { id: 'near', contacts: ['+56 9 1234 5679', 'two@example.com', 'one.two@example.com.ar'] },
    { id: 'abroad', contacts: ['+54 9 1234 5678', '+1 912 345 678 0', 'shared@example.com'] },
    { id: 'former', contacts: ['+56 2 2345 6789'] },
    { id: 'deleted', contacts: ['+56 2 2222 2222'] },
  ])
  await ingest('customers', { id: 'former', contacts: ['shared@example.com'] })
  await sender.request('DELETE', '/v1/ingest/customers/deleted')
  const call = (id: string, more: object) => ({
    id,
    channel: 'phone',
    status: 'completed',
    startedAt: noon,
    durationSeconds: 1,
    ...more,
  })
  await ingest('calls', [
    call('c1', { customerId: 'international', agentId: 'a1' }),
    call('c2', { customerId: 'near', agentId: 'a2' }),
    call('c3', { customerId: 'caller', externalEndpoint: 'tel:+56-2-3333-3333' }),
    call('c4', { externalEndpoint: '+56244444444', internalEndpoint: '+56255555555' }),
    call('c5', { externalEndpoint: '+56266666666' }),
    call('c6', { customerId: 'gone', externalEndpoint: '+56277777777' }),
    call('c7', { externalEndpoint: 'sip:+56288888888@pbx.example.com', customerId: 'sip' }),
  ])
  await ingest('engagements', [
    { id: 'e5', callId: 'c5', customerId: 'engaged', startedAt: noon },
    { id: 'e1', callId: 'c1', startedAt: noon },
    { id: 'e1-other', callId: 'c1', customerId: 'near', startedAt: '2026-05-03T12:01:00Z' },
  ])
  await ingest('turns', [
    { id: 't1', callId: 'c1', participant: 'agent', at: noon },
    { id: 't1-other', callId: 'c1', participant: 'agent', at: '2026-05-03T12:02:00Z' },
    { id: 't2', callId: 'c2', participant: 'agent', at: noon },
  ])
  await ingest('reviews', [
    { id: 'r1', callId: 'c1' },
    { id: 'r2', callId: 'c2' },
  ])
  await ingest('agents', [
    { id: 'a1', name: 'One' },
    { id: 'a2', name: 'Two' },
  ])
  await sender.request('DELETE', '/v1/ingest/calls/c6')
}

/** The customers that a contact leads to, or why to none. */
function customersOf(sender: TestAccount, contact: string): Promise<unknown> {
  return findCustomersByContact(systemContext(earshot.ports, sender.id), contact).catch((error: unknown) =>
    error instanceof AppError ? error.details?.[0]?.reason : error,
  )
}

const all = ['international', 'national', 'plain', 'zeros']

describe('an account in Chile', () => {
  test.each([
    ['+56912345678', all],
    ['+56 9 1234 5678', all],
    [' 56 9 1234 5678', all],
    ['0056-9-1234-5678', all],
    ['(9) 1234.5678', all],
    ['912345678', all],
    ['tel:+56-9-1234-5678', all],
    ['+56912345678;ext=3', all],
    ['+56 9 1234 5678 x9', all],
    ['+５６９１２３４５６７８', all],
    ['ONE.TWO@example.COM', ['international']],
    ['mailto:one.two@example.com', ['international']],
    ['ÑANDÚ@EXAMPLE.COM', ['plain']],
    ['shared@example.com', ['abroad', 'former']],
    ['+5491 2345 678', ['abroad']],
    ['two@example.co', 'CONTACT_NOT_FOUND'],
    ['one_two@example.com', 'CONTACT_NOT_FOUND'],
    // What was a contact once, of a deleted customer, or our own end of a call.
    ['+56223456789', 'CONTACT_NOT_FOUND'],
    ['+56222222222', 'CONTACT_NOT_FOUND'],
    ['+56255555555', 'CONTACT_NOT_FOUND'],
    ['+56277777777', 'CONTACT_NOT_FOUND'],
    ['12345678', 'CONTACT_NOT_FOUND'],
    ['%', 'CONTACT_NOT_FOUND'],
    ['.*', 'CONTACT_NOT_FOUND'],
    [String.raw`^$+?()[]{}|\-`, 'CONTACT_NOT_FOUND'],
    ['€@example.com', 'CONTACT_NOT_FOUND'],
    ['हिन्दी☎️', 'CONTACT_NOT_FOUND'],
    ['1\u0000', 'CONTACT_NOT_FOUND'],
    ["' OR 1=1 --", 'CONTACT_NOT_FOUND'],
    ['2 4444 4444', 'NO_CUSTOMERS_FOR_CONTACT'],
  ])('%s', async (contact, found) => {
    expect(await customersOf(account, contact)).toEqual(found)
  })

  test.each([
    ['2 3333 3333', ['c3']],
    ['+56266666666', ['e5']],
    ['+56 2 8888 8888', ['c7']],
  ])('%s is the endpoint of a call, whose customer or whose engagement’s it is', async (contact, engagements) => {
    const done = await exportDatasets(account, { ...day, contact, include: 'engagement' })
    const rows: Record<string, string>[] = parse(await fileOf(done, 'engagement'), { columns: true })
    expect(rows.map((row) => row['pid'])).toEqual(engagements)
  })

  test('one that only calls without a customer have is refused', async () => {
    const query = new URLSearchParams({ ...day, contact: '+56 2 4444 4444' })
    const { status, json } = await account.request('POST', `/api/v1/export?${query.toString()}`)
    expect([status, json.error.code]).toEqual([400, 'NO_CUSTOMERS_FOR_CONTACT'])
  })

  test('every file keeps to the customers', async () => {
    const done = await exportDatasets(account, { ...day, contact: 'one.two@example.com' })
    const found: Record<string, unknown> = {}
    for (const dataset of Object.keys(done.downloadUrls)) {
      const rows: Record<string, string>[] = parse(await fileOf(done, dataset), { columns: true })
      found[dataset] = rows.map((row) => row['pid'])
    }
    expect(found).toEqual({
      engagement: ['e1'],
      customer: ['international'],
      turn: ['t1'],
      review: ['r1'],
      agent: ['a1'],
    })
    const now = new Date().toISOString()
    const changed = { from: new Date(Date.now() - 3_600_000).toISOString(), to: now }
    const later = await exportDatasets(account, { ...changed, contact: 'one.two@example.com', include: 'agent' })
    // Agents that changed are none of the customers' by that.
    expect(parse(await fileOf(later, 'agent'), { columns: true })).toMatchObject([{ pid: 'a1' }])
  })
})

test('an account of an unknown country knows national forms of none', async () => {
  const stateless = await accountIn(undefined)
  // The same digits, whatever they mean.
  expect(await customersOf(stateless, '912345678')).toEqual(['national'])
  const international = ['international', 'plain', 'zeros']
  for (const contact of ['+56912345678', '56912345678', '0056 9 1234 5678']) {
    expect(await customersOf(stateless, contact)).toEqual(international)
  }
})

test('an account in another country reads national forms as its own', async () => {
  const argentine = await accountIn('AR')
  expect(await customersOf(argentine, '+56912345678')).toEqual(['international', 'plain', 'zeros'])
})

test('what stands for a withheld number leads to nobody', async () => {
  const sender = await earshot.account()
  const endpoints = ['anonymous', 'Restricted', 'sip:anonymous@anonymous.invalid', '+266696687']
  const calls = endpoints.map((externalEndpoint, index) => ({
    id: `w${index}`,
    channel: 'phone',
    status: 'completed',
    startedAt: noon,
    durationSeconds: 1,
    customerId: `k${index}`,
    externalEndpoint,
  }))
  expect((await sender.request('POST', '/v1/ingest/calls', calls)).status).toBe(200)
  for (const endpoint of endpoints) expect(await customersOf(sender, endpoint)).toBe('CONTACT_NOT_FOUND')
})
