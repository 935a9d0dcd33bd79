import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readAllChanges, readPage } from '../../../test/changes/follow.ts'
import { callOf, remove, send, turnOf } from '../../../test/changes/sent.ts'
import { readAll } from '../../../test/model/compare.ts'
import type { Json } from '../../../test/model/recordsModel.ts'
import { openTestApp, type TestApp } from '../../../test/testApp.ts'
import { collections } from '../../domain/collections/all.ts'
import { collectDemo } from '../../features/demo/demoRecords.testing.ts'

let earshot: TestApp

beforeAll(async () => {
  earshot = await openTestApp()
})
afterAll(() => earshot.close())

function bySequence(records: Json[]): Json[] {
  return records.toSorted((left, right) => Number(left['sequence']) - Number(right['sequence']))
}

describe('a change', () => {
  test('reads as the records API gives the record, for every collection of a demonstration', async () => {
    const account = await earshot.account()
    const demo = collectDemo({ seed: 7, calls: 200, days: 20, endsAt: Date.UTC(2026, 4, 14, 18) })
    for (const [collection, records] of Object.entries(demo)) await send(account, collection, records)
    for (const { name } of collections) {
      const expected = bySequence(await readAll(account, name, 1000))
      const { rows } = await readAllChanges(account, name, { query: 'limit=100' })
      expect(expected.length, name).toBeGreaterThan(0)
      expect(rows, name).toEqual(expected)
    }
  })

  test('keeps every kind of value that a sender may think of', async () => {
    const account = await earshot.account()
    const nasty = 'a "quoted" \\ text\n\twith \u0001 \u2028 ñ 😀 </script> \'x\' and / {brace}'
    await send(account, 'calls', [
      callOf('full', {
        notes: nasty,
        outcome: nasty,
        tags: [nasty, ''],
        keywords: [],
        topics: ['x'],
        ticketsCreated: [1, -9_007_199_254_740_991],
        toolsUsed: [],
        sentimentScore: -0.1,
        durationSeconds: 1e-7,
        endedAt: '2299-01-01T00:00:00Z',
        requesterId: 9_007_199_254_740_991,
        authenticated: true,
        resolved: false,
        wordCloud: [{ phrase: nasty, freq: 1e15 }],
        dtmfEvents: [
          { dtmf: '1', timestamp: 0.5 },
          { dtmf: '#', timestamp: 7, channel: 'left' },
        ],
        markers: [
          { time: 1, type: nasty },
          { time: 2, type: 'x', note: nasty },
        ],
        attributes: { e: nasty, tags: 0.1, a_1: '', big: 9_007_199_254_740_991 },
      }),
      callOf('plain'),
      callOf('lists', { wordCloud: [], markers: [], dtmfEvents: [], ticketsCreated: [], tags: [] }),
    ])
    await send(account, 'surveys', {
      callId: 'full',
      responses: [
        { question: nasty, answer: null, score: null },
        { question: 'q', answer: nasty, score: 0 },
      ],
    })
    for (const name of ['calls', 'surveys']) {
      const { rows } = await readAllChanges(account, name)
      const expected = await readAll(account, name)
      expect(rows, name).toEqual(bySequence(expected))
    }
    const single = (await account.request('GET', '/v1/records/calls/full')).json.data
    expect((await readAllChanges(account, 'calls')).rows[0]).toEqual(single)
  })

  test('of a corrected record is its current state, in its new place', async () => {
    const account = await earshot.account()
    await send(
      account,
      'calls',
      ['a', 'b', 'c'].map((id) => callOf(id)),
    )
    const before = await readAllChanges(account, 'calls')
    expect(before.rows.map((row) => row['id'])).toEqual(['a', 'b', 'c'])
    await send(account, 'calls', { id: 'a', notes: 'first' })
    await send(account, 'calls', { id: 'a', notes: 'second' })
    const after = await readAllChanges(account, 'calls', { cursor: before.cursor })
    expect(after.rows).toEqual([expect.objectContaining({ id: 'a', notes: 'second', sequence: 5, number: 1 })])
    const all = await readAllChanges(account, 'calls')
    expect(all.rows.map((row) => row['id'])).toEqual(['b', 'c', 'a'])
  })

  test('is not what changes nothing, nor a copied evaluation on its call', async () => {
    const account = await earshot.account()
    await send(account, 'calls', callOf('a'))
    const { cursor } = await readAllChanges(account, 'calls')
    await send(account, 'calls', callOf('a'))
    await send(account, 'evaluations', { callId: 'a', status: 'evaluated', score: 7 })
    expect(await readPage(account, 'calls', cursor)).toEqual({ status: 200, rows: [], cursor, hasMore: false })
    expect((await readAllChanges(account, 'evaluations')).rows).toMatchObject([{ callId: 'a', score: 7 }])
  })
})

describe('deletions', () => {
  test('of a call come for it and for each of its parts, by their keys and places', async () => {
    const account = await earshot.account()
    await send(account, 'calls', callOf('a'))
    await send(account, 'turns', [turnOf('t1', 'a', { text: 'secret' }), turnOf('t2', 'a')])
    await send(account, 'evaluations', { callId: 'a', status: 'evaluated' })
    await send(account, 'campaigns', { id: 'k', name: 'K' })
    await remove(account, 'calls/a')
    await remove(account, 'campaigns/k')
    const times = { createdAt: expect.any(String) as string, updatedAt: expect.any(String) as string }
    const gone = async (name: string) => (await readAllChanges(account, name)).rows
    expect(await gone('calls')).toEqual([{ id: 'a', number: 1, deleted: true, sequence: 6, ...times }])
    expect(await gone('turns')).toEqual([
      { id: 't1', callId: 'a', deleted: true, sequence: 7, ...times },
      { id: 't2', callId: 'a', deleted: true, sequence: 8, ...times },
    ])
    expect(await gone('evaluations')).toEqual([{ callId: 'a', deleted: true, sequence: 9, ...times }])
    expect(await gone('campaigns')).toEqual([{ id: 'k', deleted: true, sequence: 10, ...times }])
  })

  test('are turns too that a replacement left out, until another brings them back', async () => {
    const account = await earshot.account()
    await send(account, 'calls', callOf('a'))
    const replace = async (ids: string[]) => {
      const answer = await account.request(
        'PUT',
        '/v1/ingest/calls/a/turns',
        ids.map((id) => turnOf(id, 'a')),
      )
      expect(answer.status).toBe(200)
    }
    await replace(['t1', 't2'])
    const first = await readAllChanges(account, 'turns')
    await replace(['t2'])
    const second = await readAllChanges(account, 'turns', { cursor: first.cursor })
    expect(second.rows).toMatchObject([{ id: 't1', deleted: true }])
    await replace(['t1', 't2'])
    const third = await readAllChanges(account, 'turns', { cursor: second.cursor })
    expect(third.rows).toEqual([expect.not.objectContaining({ deleted: true })])
    expect(third.rows[0]).toMatchObject({ id: 't1', participant: 'agent' })
  })
})

describe('a part that came before its call', () => {
  const parts: [string, Json][] = [
    ['turns', turnOf('t', 'late')],
    ['engagements', { id: 'e', callId: 'late' }],
    ['reviews', { id: 'r', callId: 'late' }],
    ['evaluations', { callId: 'late', status: 'pending' }],
    ['surveys', { callId: 'late', state: 'Partial' }],
  ]

  test.each([
    ['long before', true],
    ['a moment before', false],
  ])('%s, takes a new place and shows once the call comes', async (_, isLong) => {
    const account = await earshot.account()
    for (const [name, record] of parts) await send(account, name, record)
    await send(account, 'turns', turnOf('gone', 'late'))
    await remove(account, 'turns/gone')
    await send(account, 'turns', turnOf('t', 'late', { text: 'once more' }))
    await send(account, 'calls', callOf('other'))
    await send(account, 'turns', turnOf('o', 'other'))
    const cursors = new Map<string, string>()
    // Reading waits until everything is in the tables; else the parts are still on their way there.
    if (isLong) {
      for (const [name] of parts) {
        const { rows, cursor } = await readAllChanges(account, name)
        cursors.set(name, cursor)
        expect(rows.map((row) => row['callId']).filter((callId) => callId === 'late')).toEqual(
          name === 'turns' ? ['late'] : [],
        )
      }
    }
    await send(account, 'calls', callOf('late'))
    const { sequence } = (await account.request('GET', '/v1/records/calls/late')).json.data
    for (const [name, record] of parts) {
      const { rows } = await readAllChanges(account, name, { cursor: cursors.get(name) })
      const shown = rows.filter((row) => row['callId'] === 'late' && row['deleted'] === undefined)
      expect(shown, name).toEqual([expect.objectContaining(record)])
      expect(shown[0]?.['sequence'], name).toBeGreaterThan(sequence)
      expect(shown).toEqual((await readAll(account, name)).filter((row) => row['callId'] === 'late'))
    }
  })

  test('takes no new place when its call is corrected, nor when it came after', async () => {
    const account = await earshot.account()
    await send(account, 'turns', turnOf('t', 'a'))
    await send(account, 'calls', callOf('a'))
    await send(account, 'turns', turnOf('u', 'a'))
    const { rows, cursor } = await readAllChanges(account, 'turns')
    expect(rows.map((row) => [row['id'], row['sequence']])).toEqual([
      ['t', 3],
      ['u', 4],
    ])
    await send(account, 'calls', { id: 'a', notes: 'more' })
    expect((await readAllChanges(account, 'turns', { cursor })).rows).toEqual([])
  })

  test('shows also when the hash of the call is that of another call', async () => {
    const account = await earshot.account()
    // Both begin with the same 48 bits of SHA-256.
    const [there, late] = ['c6007198', 'c8086181']
    await send(account, 'calls', callOf(there))
    // Reading waits until the key table knows the call.
    expect((await readAllChanges(account, 'calls')).rows).toHaveLength(1)
    await send(account, 'turns', turnOf('t', late))
    await send(account, 'evaluations', { callId: late, status: 'evaluated', score: 3 })
    const { rows, cursor } = await readAllChanges(account, 'turns')
    expect(rows).toEqual([])
    await send(account, 'calls', callOf(late))
    expect((await readAllChanges(account, 'turns', { cursor })).rows).toMatchObject([{ id: 't', callId: late }])
    const [row] = await earshot.ports.clickhouse.rows(
      'SELECT evaluation_score AS score FROM calls FINAL WHERE account_id = {account:UInt32} AND id = {late:String}',
      { account: account.id, late },
    )
    expect(row).toEqual({ score: 3 })
  })
})

describe('pages', () => {
  test('of any size give every change once, in order, and end where the next reading begins', async () => {
    const account = await earshot.account()
    const ids = Array.from({ length: 25 }, (_, index) => `c${index}`)
    await send(
      account,
      'calls',
      ids.map((id) => callOf(id)),
    )
    for (const limit of [1, 7, 25, 26]) {
      const { rows, cursor } = await readAllChanges(account, 'calls', { query: `limit=${limit}` })
      expect(rows.map((row) => row['id'])).toEqual(ids)
      expect(await readPage(account, 'calls', cursor)).toEqual({ status: 200, rows: [], cursor, hasMore: false })
    }
    const exact = await readPage(account, 'calls', '', 'limit=25')
    expect([exact.rows.length, exact.hasMore]).toEqual([25, false])
    // Rows that are written again for their copies keep their places, and take no room in a page.
    await send(
      account,
      'evaluations',
      ids.map((callId) => ({ callId, status: 'evaluated' })),
    )
    const short = await readPage(account, 'calls', '', 'limit=24')
    expect([short.rows.length, short.hasMore]).toEqual([24, true])
  })

  test('say where the next one is', async () => {
    const account = await earshot.account()
    await send(
      account,
      'calls',
      ['a', 'b', 'c'].map((id) => callOf(id)),
    )
    const answer = await account.request('GET', '/v1/changes/calls?limit=2&fields=id,status')
    const [, link = ''] = /^<(.+)>; rel="next"$/.exec(answer.headers.get('link') ?? '') ?? []
    expect(link.startsWith(`${earshot.url}/v1/changes/calls?`)).toBe(true)
    expect(new URL(link).searchParams.get('cursor')).toBe(answer.headers.get('x-next-cursor'))
    const next = await account.request('GET', link.slice(earshot.url.length))
    expect(next.text).toBe('{"id":"c","status":"completed","sequence":3}\n')
  })

  test('give the chosen fields, with key and place', async () => {
    const account = await earshot.account()
    await send(account, 'calls', [callOf('a', { notes: 'x' }), callOf('b')])
    await send(account, 'turns', turnOf('t', 'a', { text: 'hello' }))
    await remove(account, 'calls/b')
    const read = async (name: string, fields: string) =>
      (await readAllChanges(account, name, { query: `fields=${fields}` })).rows
    expect(await read('calls', 'notes,durationSeconds')).toEqual([
      { id: 'a', durationSeconds: 60, notes: 'x', sequence: 1 },
      { id: 'b', deleted: true, sequence: 4 },
    ])
    expect(await read('turns', 'text&fields=deleted')).toEqual([{ id: 't', callId: 'a', text: 'hello', sequence: 3 }])
    expect(await read('evaluations', 'score')).toEqual([])
  })

  test('hold nothing of another account', async () => {
    const [one, other] = [await earshot.account(), await earshot.account()]
    await send(one, 'calls', callOf('a'))
    await send(one, 'turns', turnOf('t', 'b'))
    await send(other, 'calls', callOf('b', { notes: 'theirs' }))
    expect((await readAllChanges(one, 'calls')).rows.map((row) => row['id'])).toEqual(['a'])
    expect((await readAllChanges(one, 'turns')).rows).toEqual([])
    const { cursor } = await readAllChanges(other, 'calls')
    expect((await readPage(one, 'calls', cursor)).status).toBe(400)
  })
})
