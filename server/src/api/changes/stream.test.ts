import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { readAllChanges, readPage } from '../../../test/changes/follow.ts'
import { callOf, remove, send, turnOf } from '../../../test/changes/sent.ts'
import { changesOf, openStream, type StreamReader } from '../../../test/changes/streamReader.ts'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'
import { collections } from '../../domain/collections/all.ts'
import { calls } from '../../domain/collections/calls.ts'
import { readSegment } from '../../features/changes/readSegment.ts'
import { collectDemo } from '../../features/demo/demoRecords.testing.ts'
import { encodeCursor } from '../../features/changes/cursor.ts'

let earshot: TestApp
const open: StreamReader[] = []

beforeAll(async () => {
  earshot = await openTestApp()
})
afterEach(() => {
  for (const stream of open.splice(0)) stream.close()
})
afterAll(() => earshot.close())

async function follow(account: TestAccount, query = '', lastEventId = ''): Promise<StreamReader> {
  const stream = await openStream(earshot.url, { 'X-Api-Key': account.apiKey }, query, lastEventId)
  open.push(stream)
  expect(stream.status).toBe(200)
  await stream.until((events) => events.some(({ name }) => name === 'live'))
  return stream
}

/** Waits for so many changes and gives them in short. */
async function changes(stream: StreamReader, count: number): Promise<unknown[]> {
  await stream.until((events) => changesOf(events).length >= count)
  return changesOf(stream.events).map(({ name, data }) => [
    name,
    data['id'] ?? data['callId'],
    data['deleted'] ?? false,
  ])
}

const everything = `collections=${collections.map(({ name }) => name).join(',')}`

describe('a stream', () => {
  test('tells what comes from now on, over all collections in the order of change, deletions included', async () => {
    const account = await earshot.account()
    await send(account, 'calls', callOf('before'))
    const stream = await follow(account, everything)
    expect(stream.headers['content-type']).toBe('text/event-stream; charset=utf-8')
    await send(account, 'turns', turnOf('t1', 'a'))
    await send(account, 'calls', callOf('a'))
    await send(account, 'campaigns', { id: 'k', name: 'K' })
    await send(account, 'calls', { id: 'a', notes: 'x' })
    await remove(account, 'calls/a')
    await stream.until((events) => events.filter(({ data }) => data['deleted'] === true).length === 2)
    const sequences = changesOf(stream.events).map(({ data }) => Number(data['sequence']))
    expect(sequences).toEqual(sequences.toSorted((left, right) => left - right))
    const told = await changes(stream, 1)
    expect(told).toContainEqual(['campaigns', 'k', false])
    expect(told.slice(-2)).toEqual([
      ['calls', 'a', true],
      ['turns', 't1', true],
    ])
    expect(told).not.toContainEqual(['calls', 'before', false])
  })

  test('tells the very lines that the pages give', async () => {
    const account = await earshot.account()
    const stream = await follow(account, everything)
    const demo = collectDemo({ seed: 7, calls: 60, days: 20, endsAt: Date.UTC(2026, 4, 14, 18) })
    demo['calls']?.push(callOf('nasty', { notes: 'a "q" \\ \r\n\n\tdata: x\n\n  é 😀' }))
    for (const [collection, records] of Object.entries(demo)) await send(account, collection, records)
    for (const { name } of collections) {
      const { rows } = await readAllChanges(account, name)
      const last = Number(rows.at(-1)?.['sequence'])
      await stream.until((events) => events.some(({ data }) => data['sequence'] === last))
      // A record that changed on the way comes more than once; the last is its current state.
      const told = new Map(
        changesOf(stream.events)
          .filter((event) => event.name === name)
          .map(({ data }) => [data['id'] ?? data['callId'], data]),
      )
      expect(
        [...told.values()].toSorted((a, b) => Number(a['sequence']) - Number(b['sequence'])),
        name,
      ).toEqual(rows)
    }
  })

  test('opened again with the last id tells everything since, once, then what comes', async () => {
    const account = await earshot.account()
    const first = await follow(account, 'collections=calls,turns')
    await send(account, 'calls', callOf('a'))
    await changes(first, 1)
    first.close()
    await send(account, 'calls', [callOf('b'), callOf('c')])
    await send(account, 'turns', turnOf('t', 'a'))
    await remove(account, 'calls/b')
    const second = await follow(account, 'collections=calls,turns&cursor=ignored', first.lastEventId())
    await send(account, 'calls', callOf('d'))
    expect(await changes(second, 4)).toEqual([
      ['calls', 'c', false],
      ['turns', 't', false],
      ['calls', 'b', true],
      ['calls', 'd', false],
    ])
  })

  test('far behind catches up in segments, before it is live', async () => {
    const account = await earshot.account()
    const first = await follow(account)
    first.close()
    const ids = Array.from({ length: 1203 }, (_, index) => `c${index}`)
    await send(
      account,
      'calls',
      ids.map((id) => callOf(id)),
    )
    const second = await follow(account, '', first.lastEventId())
    expect(second.events.map(({ data }) => data['id'])).toEqual([...ids, undefined])
    const start = { seq: 0, caughtUpAt: earshot.ports.now() }
    const segment = await readSegment(earshot.ports, account.id, new Set([calls]), start)
    expect([segment.changes.length, segment.isAtEnd]).toEqual([500, false])
    // Every id on the way is a place to go on from.
    const third = await follow(account, '', second.events[700]?.id)
    expect(third.events[0]?.data['id']).toBe('c701')
  })

  test('goes on where the pages of its collection ended, and pages where it ended', async () => {
    const account = await earshot.account()
    await send(account, 'calls', [callOf('a'), callOf('b')])
    const page = await readPage(account, 'calls', '', 'limit=1')
    const stream = await follow(account, `cursor=${page.cursor}`)
    expect(await changes(stream, 1)).toEqual([['calls', 'b', false]])
    await send(account, 'calls', callOf('c'))
    await changes(stream, 2)
    await send(account, 'calls', callOf('d'))
    await send(account, 'turns', turnOf('t', 'd'))
    expect((await readPage(account, 'turns', stream.events[0]?.id ?? '')).rows).toMatchObject([{ id: 't' }])
    expect((await readPage(account, 'calls', stream.events[1]?.id ?? '')).rows).toMatchObject([
      { id: 'c' },
      { id: 'd' },
    ])
  })

  test('of one call tells of it and what belongs to it', async () => {
    const account = await earshot.account()
    const stream = await follow(account, 'collections=calls,turns,evaluations&callId=a')
    await send(account, 'calls', [callOf('a'), callOf('b')])
    await send(account, 'turns', [turnOf('t1', 'b'), turnOf('t2', 'a')])
    await send(account, 'evaluations', [
      { callId: 'b', status: 'evaluated' },
      { callId: 'a', status: 'evaluated' },
    ])
    await changes(stream, 3)
    await remove(account, 'calls/b')
    await remove(account, 'turns/t2')
    expect(await changes(stream, 4)).toEqual([
      ['calls', 'a', false],
      ['turns', 't2', false],
      ['evaluations', 'a', false],
      ['turns', 't2', true],
    ])
  })

  test('tells nothing of another account', async () => {
    const [account, other] = [await earshot.account(), await earshot.account()]
    const [stream, otherStream] = [await follow(account), await follow(other)]
    await send(account, 'calls', callOf('mine'))
    await send(other, 'calls', callOf('theirs'))
    expect(await changes(stream, 1)).toEqual([['calls', 'mine', false]])
    expect(await changes(otherStream, 1)).toEqual([['calls', 'theirs', false]])
    const answer = await account.request('GET', `/v1/changes/stream?cursor=${otherStream.lastEventId()}`)
    expect(answer.status).toBe(400)
  })

  test('that joins while others are read for, without its collections, misses nothing', async () => {
    const account = await earshot.account()
    await send(account, 'calls', callOf('a'))
    await follow(account, 'collections=calls')
    await send(account, 'turns', turnOf('t1', 'a'))
    const { clickhouse } = earshot.ports
    const held = new Map([
      ['FROM turns', Promise.withResolvers<void>()],
      ['FROM calls', Promise.withResolvers<void>()],
    ])
    const reached: string[] = []
    earshot.ports.clickhouse = {
      ...clickhouse,
      async rows(query, parameters) {
        const [table, gate] = [...held].find(([name]) => query.includes('AS index') && query.includes(name)) ?? []
        reached.push(table ?? '')
        await gate?.promise
        return clickhouse.rows(query, parameters)
      },
    }
    try {
      const begin = encodeCursor(earshot.ports, account.id, '*', { seq: 0, caughtUpAt: earshot.ports.now() })
      const opening = follow(account, 'collections=turns', begin)
      await expect.poll(() => reached).toContain('FROM turns')
      await send(account, 'turns', turnOf('t2', 'a'))
      await expect.poll(() => reached).toContain('FROM calls')
      held.get('FROM turns')?.resolve()
      held.delete('FROM turns')
      const joined = await opening
      held.get('FROM calls')?.resolve()
      expect(await changes(joined, 2)).toEqual([
        ['turns', 't1', false],
        ['turns', 't2', false],
      ])
    } finally {
      for (const gate of held.values()) gate.resolve()
      earshot.ports.clickhouse = clickhouse
    }
  })

  test('of other collections than those who are there already misses nothing', async () => {
    const account = await earshot.account()
    const first = await follow(account, 'collections=calls')
    const traffic = (async () => {
      for (let index = 0; index < 40; index++) {
        await send(account, 'calls', callOf(`c${index}`))
        await send(account, 'turns', turnOf(`t${index}`, `c${index}`))
      }
    })()
    const others: [StreamReader, string][] = []
    for (const query of ['turns', 'calls,turns', 'turns', 'calls']) {
      others.push([await follow(account, `collections=${query}`), query])
    }
    await traffic
    for (const [stream, query] of others) {
      const last = query.includes('turns') ? 't39' : 'c39'
      await stream.until((events) => events.some(({ data }) => data['id'] === last))
      const begun = changesOf(stream.events)[0]?.data['sequence']
      const expected = []
      for (const name of query.split(',')) expected.push(...(await readAllChanges(account, name)).rows)
      const since = expected
        .filter((row) => Number(row['sequence']) >= Number(begun))
        .toSorted((left, right) => Number(left['sequence']) - Number(right['sequence']))
      expect(changesOf(stream.events).map(({ data }) => data)).toEqual(since)
    }
    await first.until((events) => changesOf(events).length === 40)
  })
})

describe('a stream is refused', () => {
  test.each([
    ['collections=calls,cals', /cals.*campaigns.*calls/],
    ['collections=calls,agents&callId=a', /agents.*turns/],
    ['cursor=nonsense', /cursor/],
  ])('for %s, saying what would be right', async (query, message) => {
    const account = await earshot.account()
    const { status, json } = await account.request('GET', `/v1/changes/stream?${query}`)
    expect([status, json.error.message]).toEqual([400, expect.stringMatching(message)])
  })

  test('for the cursor of a page of one collection when several are followed', async () => {
    const account = await earshot.account()
    await send(account, 'calls', callOf('a'))
    const { cursor } = await readAllChanges(account, 'calls')
    const answer = await account.request('GET', `/v1/changes/stream?collections=calls,turns&cursor=${cursor}`)
    expect(answer.status).toBe(400)
  })

  test('without a key or the scope', async () => {
    const account = await earshot.account({ scopes: ['ingest:write'] })
    expect((await account.request('GET', '/v1/changes/stream')).status).toBe(403)
    expect((await fetch(`${earshot.url}/v1/changes/stream`)).status).toBe(401)
  })

  test('with 410 for a cursor that missed a deletion, or is ahead of everything', async () => {
    const account = await earshot.account()
    await send(account, 'calls', [callOf('a'), callOf('b')])
    const old = encodeCursor(earshot.ports, account.id, '*', {
      seq: 1,
      caughtUpAt: earshot.ports.now() - 31 * 86_400_000,
    })
    const ahead = encodeCursor(earshot.ports, account.id, '*', { seq: 99, caughtUpAt: earshot.ports.now() })
    expect((await account.request('GET', `/v1/changes/stream?cursor=${ahead}`)).status).toBe(410)
    const stream = await follow(account, `cursor=${old}`)
    expect(await changes(stream, 1)).toEqual([['calls', 'b', false]])
    await remove(account, 'calls/a')
    await changes(stream, 2)
    const { now } = earshot.ports
    earshot.ports.now = () => now() + 32 * 86_400_000
    try {
      expect((await account.request('GET', `/v1/changes/stream?cursor=${old}`)).status).toBe(410)
    } finally {
      earshot.ports.now = now
    }
  })
})
