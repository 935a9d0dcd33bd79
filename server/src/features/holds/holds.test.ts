import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { wavFile } from '../../../test/audioFiles.ts'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'
import { systemContext } from '../../context.ts'
import { sql } from '../../store/postgres/postgres.ts'
import type { Expiry } from '../../recordLog/command.ts'
import { applyRetention } from '../retention/applyRetention.ts'
import { syncHoldFlag, syncHoldFlags } from './syncHoldFlag.ts'
import { RecordFaults } from '../../recordLog/recordFaults.ts'

let earshot: TestApp
let account: TestAccount

beforeAll(async () => {
  earshot = await openTestApp()
  account = await earshot.account()
})
afterAll(() => earshot.close())
afterEach(() => {
  earshot.ports.now = Date.now
})

let calls = 0

/** A call with a turn, held. */
async function heldCall(): Promise<string> {
  const id = `call-${++calls}`
  const call = { id, channel: 'phone', status: 'completed', startedAt: '2026-01-20T10:00:00Z', durationSeconds: 60 }
  await account.request('POST', '/v1/ingest/calls', call)
  const turn = { id: `${id}-t1`, callId: id, participant: 'agent', at: '2026-01-20T10:00:01Z', text: 'hello' }
  await account.request('POST', '/v1/ingest/turns', turn)
  expect((await hold(id)).status).toBe(200)
  return id
}

const hold = (id: string, reason = 'matter 1') => account.request('PUT', `/v1/admin/holds/calls/${id}`, { reason })
const release = (id: string) => account.request('DELETE', `/v1/admin/holds/calls/${id}`)
const upload = (id: string, loudness: number) =>
  account.request(
    'PUT',
    `/v1/ingest/calls/${id}/recording`,
    wavFile(0.1, () => [loudness]),
    {
      'Content-Type': 'audio/wav',
    },
  )
const recordOf = (id: string) => account.request('GET', `/v1/records/calls/${id}`)
const held = async (): Promise<string[]> =>
  (await account.request('GET', '/v1/admin/holds/calls')).json.data.map((entry: { callId: string }) => entry.callId)

describe('a held call', () => {
  test('is shown with its reason, and who holds it; setting it again changes the reason alone', async () => {
    const id = await heldCall()
    const first = (await account.request('GET', '/v1/admin/holds/calls')).json.data.find(
      (entry: { callId: string }) => entry.callId === id,
    )
    expect(first).toMatchObject({ callId: id, reason: 'matter 1', setBy: expect.stringMatching(/^key:/) })
    const again = await hold(id, 'matter 2')
    expect(again.json.data).toEqual({ ...first, reason: 'matter 2' })
    expect((await recordOf(id)).json.data.legalHold).toBe(true)
    const audit = await earshot.ports.postgres.query(sql`
      SELECT action, details
      FROM audit_events
      WHERE subject = ${`call:${id}`}
      ORDER BY id`)
    expect(audit).toEqual([
      { action: 'hold.set', details: { reason: 'matter 1' } },
      { action: 'hold.set', details: { reason: 'matter 2' } },
    ])
  })

  test('cannot be deleted, nor its parts, nor its recording replaced, until it is released', async () => {
    const id = await heldCall()
    expect((await upload(id, 0.1)).status).toBe(200)
    const refused = [
      await account.request('DELETE', `/v1/ingest/calls/${id}`),
      await account.request('DELETE', `/v1/ingest/turns/${id}-t1`),
      await account.request('PUT', `/v1/ingest/calls/${id}/turns`, []),
      await upload(id, 0.2),
    ]
    for (const { status, json } of refused) {
      expect([status, json.error.code]).toEqual([409, 'CONFLICT'])
      expect(json.error.message).toContain('legal hold')
    }
    const whole = await account.request('GET', `/v1/records/calls/${id}?include=turns`)
    expect(whole.json.data.turns).toHaveLength(1)
    expect((await upload(id, 0.1)).json.data.recordingId).toBe(whole.json.data.recordingId)
    expect((await release(id)).status).toBe(204)
    expect((await recordOf(id)).json.data).not.toHaveProperty('legalHold')
    expect((await upload(id, 0.2)).status).toBe(200)
    expect((await account.request('DELETE', `/v1/ingest/turns/${id}-t1`)).status).toBe(200)
    expect((await account.request('DELETE', `/v1/ingest/calls/${id}`)).status).toBe(200)
  })

  test('may be added to and corrected', async () => {
    const id = await heldCall()
    const later = { id: `${id}-t2`, callId: id, participant: 'customer', at: '2026-01-20T10:00:05Z', text: 'yes' }
    expect((await account.request('POST', '/v1/ingest/turns', later)).json.data.created).toBe(1)
    const both = [later, { ...later, id: `${id}-t1`, text: 'hello, final' }]
    expect((await account.request('PUT', `/v1/ingest/calls/${id}/turns`, both)).status).toBe(200)
    const corrected = { id, status: 'escalated', notes: 'n' }
    expect((await account.request('POST', '/v1/ingest/calls', corrected)).json.data.updated).toBe(1)
    expect((await account.request('POST', '/v1/ingest/calls', { id, legalHold: false })).status).toBe(422)
    expect(await held()).toContain(id)
  })

  test('is passed by by retention, until it is released', async () => {
    const id = await heldCall()
    await upload(id, 0.3)
    await account.request('PATCH', '/v1/admin/account', {
      retention: { recordingsDays: 1, callsDays: 1, turnsDays: 1 },
    })
    earshot.ports.now = () => Date.now() + 10 * 86_400_000
    await applyRetention(systemContext(earshot.ports, account.id))
    const kept = await account.request('GET', `/v1/records/calls/${id}?include=turns`)
    expect(kept.json.data).toMatchObject({ id, recordingFormat: 'wav', turns: [{ text: 'hello' }] })
    // Also when it was chosen before it was held: the turn itself looks again.
    const chosen = { kind: 'expire' as const, callIds: [id], numbers: [kept.json.data.number], records: 1 }
    const expiries: Expiry[] = [
      { ...chosen, what: 'calls', endedBefore: Date.now() },
      { ...chosen, what: 'turns', endedBefore: Date.now() },
      { ...chosen, what: 'recordings', recordingIds: new Set([kept.json.data.recordingId]) },
    ]
    const submit = (work: Expiry) =>
      earshot.ports.recordLog.submit(account.id, {
        work,
        faults: new RecordFaults(),
        isDryRun: false,
        isAnnounced: true,
        idempotency: undefined,
      })
    for (const work of expiries) expect(await submit(work)).toMatchObject({ deleted: 0 })
    await release(id)
    const early: Expiry = {
      ...chosen,
      what: 'turns',
      endedBefore: Date.parse('2026-01-20T10:01:00Z'),
    }
    expect(await submit(early)).toMatchObject({ deleted: 0 })
    await applyRetention(systemContext(earshot.ports, account.id))
    expect((await recordOf(id)).status).toBe(404)
    await account.request('PATCH', '/v1/admin/account', {
      retention: { recordingsDays: null, callsDays: null, turnsDays: null },
    })
  })

  test('is held from the turn on in which it was set: nothing slips in beside it', async () => {
    for (let round = 0; round < 10; round++) {
      const id = `race-${round}`
      await account.request('POST', '/v1/ingest/calls', {
        id,
        channel: 'phone',
        status: 'active',
        startedAt: '2026-01-20T10:00:00Z',
      })
      const [set, deleted] = await Promise.all([hold(id), account.request('DELETE', `/v1/ingest/calls/${id}`)])
      const isThere = (await recordOf(id)).status === 200
      expect([set.status, deleted.status]).toEqual(isThere ? [200, 409] : [404, 200])
      expect((await held()).includes(id)).toBe(isThere)
    }
  })
})

test('a hold that was written before its process died takes effect, and a release too', async () => {
  const id = await heldCall()
  const { postgres } = earshot.ports
  await postgres.run(sql`UPDATE legal_holds SET released_at = now(), is_synced = false WHERE call_id = ${id}`)
  expect(await held()).not.toContain(id)
  await syncHoldFlags(earshot.ports)
  expect((await account.request('DELETE', `/v1/ingest/turns/${id}-t1`)).status).toBe(200)
  await postgres.run(sql`
    INSERT INTO legal_holds (account_id, call_id, reason, set_by, set_at)
    VALUES (${account.id}, ${id}, 'r', 'system', now()), (${account.id}, 'never-was', 'r', 'system', now())`)
  await syncHoldFlags(earshot.ports)
  expect((await account.request('DELETE', `/v1/ingest/calls/${id}`)).status).toBe(409)
  expect(await held()).not.toContain('never-was')
  await syncHoldFlag(systemContext(earshot.ports, account.id), id)
})

test('the list comes in pages, and keeps to the account', async () => {
  const ids = [await heldCall(), await heldCall(), await heldCall()]
  const found: string[] = []
  for (let after: string | null = ''; after !== null;) {
    const page: { data: { callId: string }[]; nextAfter: string | null } = (
      await account.request('GET', `/v1/admin/holds/calls?limit=2${after === '' ? '' : `&after=${after}`}`)
    ).json
    expect(page.data.length).toBeLessThanOrEqual(2)
    found.push(...page.data.map(({ callId }) => callId))
    after = page.nextAfter
  }
  expect(found).toEqual((await held()).toSorted())
  for (const id of ids) expect(found.filter((entry) => entry === id)).toHaveLength(1)
  const other = await earshot.account()
  expect((await other.request('GET', '/v1/admin/holds/calls')).json.data).toEqual([])
  const [mine = ''] = ids
  expect((await other.request('PUT', `/v1/admin/holds/calls/${mine}`, { reason: 'x' })).status).toBe(404)
  expect((await other.request('DELETE', `/v1/admin/holds/calls/${mine}`)).status).toBe(404)
})

test('a hold needs a call, a reason and the scope', async () => {
  const id = await heldCall()
  expect((await hold('unknown')).status).toBe(404)
  expect((await release('unknown')).status).toBe(404)
  expect((await hold(id, '  ')).status).toBe(422)
  expect((await account.request('PUT', `/v1/admin/holds/calls/${id}`, {})).status).toBe(422)
  const sender = await earshot.account({ scopes: ['ingest:write', 'calls:read'] })
  expect((await sender.request('PUT', `/v1/admin/holds/calls/${id}`, { reason: 'x' })).status).toBe(403)
})

test('characters that cannot be stored are refused, not stumbled over', async () => {
  const id = await heldCall()
  expect((await hold(id, 'a\0b')).status).toBe(422)
  expect((await hold(id, 'a\ud800b')).status).toBe(422)
  expect((await hold('%00')).status).toBe(404)
  expect((await release('%00')).status).toBe(404)
  expect((await account.request('GET', '/v1/admin/holds/calls?after=%00')).status).toBe(422)
  expect((await account.request('DELETE', '/v1/ingest/calls/%00')).status).toBe(404)
})
