import { get, type IncomingMessage } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { callOf, send, turnOf } from '../../../test/changes/sent.ts'
import { changesOf, openStream, type StreamReader } from '../../../test/changes/streamReader.ts'
import { openTestApp, type TestAccount, type TestApp } from '../../../test/testApp.ts'
import { systemContext } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { disableAccount } from '../../features/accounts/disableAccount.ts'
import { followChanges, type StreamStep } from '../../features/changes/followChanges.ts'
import { closeServer } from '../http/server.ts'
import { eventStream } from './eventStream.ts'
import { maxStreams } from './openStreams.ts'

let earshot: TestApp
const open: StreamReader[] = []

beforeAll(async () => {
  earshot = await openTestApp()
})
afterEach(() => {
  for (const stream of open.splice(0)) stream.close()
})
afterAll(() => earshot.close())

async function followAs(headers: Record<string, string>, query = ''): Promise<StreamReader> {
  const stream = await openStream(earshot.url, headers, query)
  open.push(stream)
  expect(stream.status).toBe(200)
  await stream.until((events) => events.some(({ name }) => name === 'live'))
  return stream
}

const follow = (account: TestAccount, query = ''): Promise<StreamReader> =>
  followAs({ 'X-Api-Key': account.apiKey }, query)

async function figure(name: string): Promise<number> {
  const text = await (await fetch(`${earshot.url}/metrics`)).text()
  return Number(new RegExp(`^${name} (.*)$`, 'mu').exec(text)?.[1] ?? 0)
}

describe('a silent stream', () => {
  async function steps(
    account: TestAccount,
    callId: string | undefined,
    take: (step: StreamStep) => Promise<boolean>,
  ): Promise<void> {
    const request = {
      collections: ['calls'],
      callId,
      cursor: undefined,
      beatMs: 30,
      signal: new AbortController().signal,
    }
    for await (const step of await followChanges(systemContext(earshot.ports, account.id), request)) {
      if (await take(step)) return
    }
  }

  const seqOf = (cursor: string): number => Number(JSON.parse(Buffer.from(cursor, 'base64url').toString())[2])

  test('beats, and tells how far it has come while other collections change', async () => {
    const account = await earshot.account()
    const seqs: number[] = []
    await steps(account, undefined, async (step) => {
      if (step.kind === 'changes') throw new Error('nothing that is followed changed')
      seqs.push(seqOf(step.cursor))
      if (seqs.length === 3) await send(account, 'agents', { id: 'a', name: 'A' })
      return seqs.at(-1) === 1
    })
    expect(seqs.slice(0, 3)).toEqual([0, 0, 0])
  })

  test('beats too while calls change that it does not follow', async () => {
    const account = await earshot.account()
    const traffic = { isOver: false }
    const sender = (async () => {
      for (let index = 0; !traffic.isOver; index++) await send(account, 'calls', callOf(`c${index}`))
    })()
    const seqs = new Set<number>()
    await steps(account, 'another', async (step) => {
      if (step.kind === 'beat') seqs.add(seqOf(step.cursor))
      return seqs.size >= 4
    })
    traffic.isOver = true
    await sender
  })

  test('writes beats that move the id of an EventSource and dispatch nothing', async () => {
    const pieces: string[] = []
    const beats = (async function* (): AsyncGenerator<StreamStep> {
      yield { kind: 'beat', cursor: 'abc' }
    })()
    for await (const piece of eventStream(beats, new AbortController().signal, () => {})) pieces.push(piece)
    expect(pieces).toEqual(['retry: 2000\n\n', ': still here\nid: abc\n\n'])
  })
})

describe('a stream', () => {
  test('outlives a store that is away, and misses nothing', async () => {
    const account = await earshot.account()
    const stream = await follow(account, 'collections=calls,turns')
    const { clickhouse } = earshot.ports
    let failures = 0
    earshot.ports.clickhouse = {
      ...clickhouse,
      async rows(query, parameters) {
        if (!query.includes('AS index')) return clickhouse.rows(query, parameters)
        failures++
        throw new Error('away')
      },
    }
    await send(account, 'calls', callOf('a'))
    await expect.poll(() => failures).toBeGreaterThan(0)
    earshot.ports.clickhouse = clickhouse
    await stream.until((events) => changesOf(events).length === 1)
    await send(account, 'turns', turnOf('t', 'a'))
    await stream.until((events) => changesOf(events).length === 2)
    expect(stream.events.map(({ name }) => name)).toEqual(['live', 'calls', 'turns'])
  })

  test('outlives the control database that is away', async () => {
    const account = await earshot.account()
    const stream = await follow(account)
    const { postgres } = earshot.ports
    let failures = 0
    earshot.ports.postgres = {
      ...postgres,
      async first() {
        failures++
        throw new AppError('UNAVAILABLE', 'away')
      },
    }
    try {
      await expect.poll(() => failures).toBeGreaterThan(1)
    } finally {
      earshot.ports.postgres = postgres
    }
    await send(account, 'calls', callOf('a'))
    await stream.until((events) => changesOf(events).length === 1)
    expect(stream.events.map(({ name }) => name)).toEqual(['live', 'calls'])
  })

  test('is not read for while its reader takes nothing, and tells all of it later', async () => {
    const account = await earshot.account()
    const answer = await new Promise<IncomingMessage>((resolve) =>
      get(`${earshot.url}/v1/changes/stream`, { headers: { 'X-Api-Key': account.apiKey }, agent: false }, resolve),
    )
    answer.pause()
    const quick = await follow(account)
    const before = await figure('earshot_stream_events_total')
    const notes = 'x'.repeat(9000)
    // How much the machine's sockets hold before they are full differs, tens of megabytes at the most.
    let sent = 0
    let unread = 0
    for (; unread < 1000 && sent < 10_000; sent += 500) {
      const calls = Array.from({ length: 500 }, (_, index) => callOf(`c${sent + index}`, { notes }))
      await send(account, 'calls', calls)
      await quick.until((events) => changesOf(events).length === sent + 500)
      unread = 2 * (sent + 500) - ((await figure('earshot_stream_events_total')) - before)
    }
    expect(unread).toBeGreaterThanOrEqual(1000)
    await send(account, 'calls', callOf('end'))
    let text = ''
    answer.setEncoding('utf8')
    for await (const piece of answer) {
      text += String(piece)
      if (text.slice(-1_000).includes('"id":"end"')) break
    }
    const ids = [...text.matchAll(/"id":"(\w+)"/gu)].map(([, id]) => id)
    expect(ids).toEqual([...Array.from({ length: sent }, (_, index) => `c${index}`), 'end'])
  })

  test('is one of at most two hundred of a key, which all are told; the next is refused', async () => {
    const account = await earshot.account()
    const streams: StreamReader[] = []
    for (let index = 0; index < maxStreams.ofHolder; index++) streams.push(await follow(account))
    expect(await figure('earshot_open_streams')).toBe(maxStreams.ofHolder)
    const refused = await openStream(earshot.url, { 'X-Api-Key': account.apiKey })
    expect([refused.status, refused.headers['retry-after']]).toEqual([429, '30'])
    const other = await earshot.account()
    await follow(other)
    const { clickhouse } = earshot.ports
    let readings = 0
    earshot.ports.clickhouse = {
      ...clickhouse,
      rows(query, parameters) {
        if (query.includes('AS index')) readings++
        return clickhouse.rows(query, parameters)
      },
    }
    await send(account, 'calls', callOf('a'))
    for (const stream of streams) await stream.until((events) => changesOf(events).length === 1)
    earshot.ports.clickhouse = clickhouse
    expect(readings).toBe(1)
    for (const stream of streams) stream.close()
    await expect.poll(() => figure('earshot_open_streams')).toBe(1)
    await follow(account)
  })
})

describe('a stream ends', () => {
  /** Within a second or so, which is long before its next beat. */
  async function endsSoon(stream: StreamReader): Promise<void> {
    const beats = stream.comments.length
    expect(await stream.ended).toBe(true)
    expect(stream.comments).toHaveLength(beats)
    expect(stream.events.at(-1)).toMatchObject({ name: 'end', data: { code: 'INVALID_API_KEY' } })
  }

  test('when its key is revoked, and says why', async () => {
    const account = await earshot.account()
    const stream = await follow(account)
    const asToken = await followAs({ Authorization: `Bearer ${account.jwt}` })
    const [{ id = '' } = {}] = (await account.request('GET', '/v1/admin/keys')).json.data
    await account.request('DELETE', `/v1/admin/keys/${id}`)
    await endsSoon(stream)
    await endsSoon(asToken)
  })

  test('when its account is disabled', async () => {
    const account = await earshot.account()
    const stream = await follow(account)
    await disableAccount(earshot.ports, { name: `account ${account.id}` })
    await endsSoon(stream)
  })

  test('when its session ends, and no other', async () => {
    const account = await earshot.account()
    const signIn = async () => {
      const body = JSON.stringify({ apiKey: account.apiKey })
      const headers = { 'Content-Type': 'application/json' }
      const answer = await fetch(`${earshot.url}/v1/session`, { method: 'POST', headers, body })
      const { csrfToken } = (await answer.json()) as { csrfToken: string }
      return { Cookie: (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '', 'X-CSRF-Token': csrfToken }
    }
    const [mine, theirs] = [await signIn(), await signIn()]
    const [stream, other] = [await followAs(mine), await followAs(theirs)]
    await fetch(`${earshot.url}/v1/session`, { method: 'DELETE', headers: mine })
    await endsSoon(stream)
    await send(account, 'calls', callOf('a'))
    await other.until((events) => changesOf(events).length === 1)
  })

  test('without what a slow reader has not taken yet', async () => {
    const end = new AbortController()
    const line = 'x'.repeat(20_000)
    const change = { seq: 1, collection: 'calls', callId: 'a', line, cursor: 'abc' }
    const steps = (async function* (): AsyncGenerator<StreamStep> {
      yield { kind: 'changes', changes: [change, change, change] }
    })()
    const names: (string | undefined)[] = []
    for await (const piece of eventStream(steps, end.signal, () => {})) {
      names.push(/^event: (.*)$/mu.exec(piece)?.[1])
      if (names.at(-1) === 'calls') end.abort(new AppError('INVALID_API_KEY', 'revoked'))
    }
    expect(names).toEqual([undefined, 'calls', 'end'])
  })

  test('at once when the server closes, which it does not hold up', async () => {
    const account = await earshot.account()
    const stream = await follow(account)
    const began = performance.now()
    await closeServer(earshot.server)
    // Connections are cut after twenty seconds in any case.
    expect(performance.now() - began).toBeLessThan(15_000)
    expect(await stream.ended).toBe(true)
    expect(stream.events.map(({ name }) => name)).toEqual(['live'])
  })
})
