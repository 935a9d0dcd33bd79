import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readAllChanges, readPage } from '../../../test/changes/follow.ts'
import { callOf, remove, send, turnOf } from '../../../test/changes/sent.ts'
import { openTestApp, type TestApp } from '../../../test/testApp.ts'
import { encodeCursor } from '../../features/changes/cursor.ts'

let earshot: TestApp

beforeAll(async () => {
  earshot = await openTestApp()
})
afterAll(() => earshot.close())

describe('a cursor', () => {
  const dayMs = 24 * 60 * 60 * 1000

  async function later<T>(work: () => Promise<T>, days = 31): Promise<T> {
    const { now } = earshot.ports
    earshot.ports.now = () => now() + days * dayMs
    try {
      return await work()
    } finally {
      earshot.ports.now = now
    }
  }

  test('that missed a deletion of a month ago is answered 410, with the way to begin anew', async () => {
    const account = await earshot.account()
    await send(
      account,
      'calls',
      ['a', 'b', 'c'].map((id) => callOf(id)),
    )
    const { cursor } = await readPage(account, 'calls', '', 'limit=1')
    const end = await readPage(account, 'calls', '')
    await remove(account, 'calls/c')
    expect((await readPage(account, 'calls', end.cursor)).rows).toMatchObject([{ id: 'c', deleted: true }])
    await later(async () => {
      for (const old of [cursor, end.cursor]) {
        const answer = await account.request('GET', `/v1/changes/calls?cursor=${old}`)
        expect(answer.status).toBe(410)
        expect(answer.json.error).toMatchObject({ code: 'GONE', message: expect.stringMatching(/without a cursor/) })
      }
      expect((await readPage(account, 'turns', '')).status).toBe(200)
      // From the start, a deletion that no reader can have missed is left out, on every page.
      const fresh = await readAllChanges(account, 'calls', { query: 'limit=1' })
      expect(fresh.rows.map((row) => [row['id'], row['deleted']])).toEqual([
        ['a', undefined],
        ['b', undefined],
      ])
    })
  })

  test('does not get younger on the way, only at the end', async () => {
    const account = await earshot.account()
    await send(
      account,
      'calls',
      ['a', 'b', 'c'].map((id) => callOf(id)),
    )
    const { cursor } = await readAllChanges(account, 'calls')
    await send(
      account,
      'calls',
      ['d', 'e'].map((id) => callOf(id)),
    )
    await remove(account, 'calls/a')
    const middle = await later(() => readPage(account, 'calls', cursor, 'limit=1'), 20)
    expect([middle.rows.length, middle.hasMore]).toEqual([1, true])
    await later(async () => expect((await readPage(account, 'calls', middle.cursor)).status).toBe(410))
    const end = await later(() => readPage(account, 'calls', middle.cursor), 20)
    expect([end.rows.length, end.hasMore]).toEqual([2, false])
    await later(async () => expect((await readPage(account, 'calls', end.cursor)).status).toBe(200))
  })

  test('that missed nothing goes on after any time', async () => {
    const account = await earshot.account()
    await send(
      account,
      'calls',
      ['a', 'b'].map((id) => callOf(id)),
    )
    await remove(account, 'calls/a')
    const { cursor } = await readAllChanges(account, 'calls')
    await send(account, 'calls', callOf('c'))
    await send(account, 'turns', turnOf('t', 'b'))
    await remove(account, 'turns/t')
    await later(async () => {
      const page = await readPage(account, 'calls', cursor)
      expect(page.rows).toMatchObject([{ id: 'c' }])
    })
  })

  test('that is ahead of everything, as after a restored backup, is answered 410', async () => {
    const account = await earshot.account()
    await send(account, 'calls', callOf('a'))
    const ahead = encodeCursor(earshot.ports, account.id, 'calls', { seq: 99, caughtUpAt: Date.now() })
    expect((await readPage(account, 'calls', ahead)).status).toBe(410)
  })

  test('of which place or time were altered is refused', async () => {
    const account = await earshot.account()
    await send(account, 'calls', callOf('a'))
    const given = encodeCursor(earshot.ports, account.id, 'calls', { seq: 1, caughtUpAt: 1_700_000_000_000 })
    const parts: unknown[] = JSON.parse(Buffer.from(given, 'base64url').toString())
    for (const altered of [
      parts.with(2, 0),
      parts.with(3, Date.now()),
      parts.slice(0, 4),
      parts.with(4, 'x'.repeat(22)),
    ]) {
      const cursor = Buffer.from(JSON.stringify(altered)).toString('base64url')
      expect((await readPage(account, 'calls', cursor)).status).toBe(400)
      expect((await account.request('GET', `/v1/changes/stream?cursor=${cursor}`)).status).toBe(400)
    }
    expect((await readPage(account, 'calls', given)).status).not.toBe(400)
  })

  test.each(['nonsense', 'W10', Buffer.from('{"a":1}').toString('base64url'), Buffer.from('[1').toString('base64url')])(
    'that is none is refused: %s',
    async (cursor) => {
      const account = await earshot.account()
      const answer = await account.request('GET', `/v1/changes/calls?cursor=${cursor}`)
      expect([answer.status, answer.json.error.code]).toEqual([400, 'BAD_REQUEST'])
    },
  )

  test('of another collection is refused', async () => {
    const account = await earshot.account()
    await send(account, 'calls', callOf('a'))
    const { cursor } = await readAllChanges(account, 'calls')
    expect((await readPage(account, 'turns', cursor)).status).toBe(400)
  })

  test('that was tampered with is refused', async () => {
    const account = await earshot.account()
    for (const place of [-1, 0.5, '0', null]) {
      const text = JSON.stringify([account.id, 'calls', place, earshot.ports.now()])
      expect((await readPage(account, 'calls', Buffer.from(text).toString('base64url'))).status, text).toBe(400)
    }
  })
})

describe('a request is refused', () => {
  test.each([
    ['limit=0', /limit/],
    ['limit=100001', /limit/],
    ['limit=ten', /limit/],
    ['wait=61', /wait/],
    ['wait=-1', /wait/],
    ['format=csv', /format/],
    ['compression=br', /compression/],
    ['fields=id,nmae', /nmae.*startedAt/],
    ['fields=evaluation_score', /evaluation_score/],
  ])('for %s, saying what would be right', async (query, message) => {
    const account = await earshot.account()
    const { status, json } = await account.request('GET', `/v1/changes/calls?${query}`)
    expect([status, json.error.message]).toEqual([400, expect.stringMatching(message)])
  })

  test('for a collection that there is not, a method, or a missing scope', async () => {
    const account = await earshot.account({ scopes: ['ingest:write'] })
    expect((await account.request('GET', '/v1/changes/calls')).status).toBe(403)
    const reader = await earshot.account({ scopes: ['calls:read'] })
    expect((await reader.request('GET', `/v1/changes/${randomUUID()}`)).status).toBe(404)
    expect((await reader.request('POST', '/v1/changes/calls', {})).status).toBe(405)
    expect((await reader.request('GET', '/v1/changes/calls?limit=3')).status).toBe(200)
  })
})
