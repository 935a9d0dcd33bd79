import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadConfig } from '../src/config.ts'
import { openControl } from '../src/control.ts'
import { issueKey } from '../src/features/keys/issueKey.ts'
import { openLog } from '../src/log.ts'
import { phoneCall } from './feedCalls.ts'
import { freePort } from './freePorts.ts'
import { Supervisor, type Kill } from './kill/supervisor.ts'

// Who follows the feed as its published loader does, page after page and run after run, gets every call exactly once, while
// others ingest, correct, finish and delete calls in any order, and the program is killed now and then.

const writers = 3
const callsOfWriter = 150
const maxLifeMs = 5000
const kills: Kill[] = [
  { kind: 'at any time', afterMs: 1500, isWhileStarting: false, withPostgres: false, program: 'earshot serve' },
  { kind: 'at a step', step: 'between entry and insert', count: 6 },
  { kind: 'at any time', afterMs: 800, isWhileStarting: false, withPostgres: false, program: 'earshot serve' },
]

let url: string
let apiKey: string
let dataDirectory: string
let supervisor: Supervisor

beforeAll(async () => {
  dataDirectory = await mkdtemp(join(tmpdir(), 'earshot-feed-'))
  const environment = {
    EARSHOT_PORT: String(await freePort()),
    EARSHOT_DATA_DIR: dataDirectory,
    EARSHOT_LOG_LEVEL: 'silent',
    EARSHOT_RATE_LIMIT: '0',
    EARSHOT_MIN_FREE_BYTES: '0',
  }
  url = `http://127.0.0.1:${environment.EARSHOT_PORT}`
  const config = loadConfig(environment)
  const control = await openControl(config, openLog(config))
  apiKey = (await issueKey(control, { account: 'followed', scopes: ['*'] })).apiKey
  await control.close()
  supervisor = new Supervisor(dataDirectory, environment)
})
afterAll(async () => {
  await supervisor.end()
  await rm(dataDirectory, { recursive: true, force: true, maxRetries: 10 })
})

/** An answer's status and text; undefined when the server died meanwhile. */
async function ask(method: string, path: string, body?: object): Promise<{ status: number; text: string } | undefined> {
  try {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { 'X-Api-Key': apiKey, ...(body ? { 'Content-Type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
      signal: AbortSignal.timeout(60_000),
    })
    return { status: answer.status, text: await answer.text() }
  } catch {
    return undefined
  }
}

/** One life of the server, counted from when it answers. */
async function liveAndDie(kill: Kill): Promise<void> {
  const child = supervisor.start(kill)
  const died = once(child, 'exit')
  const isDead = () => child.exitCode !== null || child.signalCode !== null
  await supervisor.untilServing(child)
  await Promise.race([died, wait(kill.kind === 'at any time' ? kill.afterMs : maxLifeMs)])
  if (!isDead()) child.kill('SIGKILL')
  await died
}

/** Asks again until there is an answer; every request here may be repeated. */
async function insist(method: string, path: string, body?: object): Promise<void> {
  for (;;) {
    const answer = await ask(method, path, body)
    if (answer?.status === 200) return
    if (answer && answer.status !== 503) throw new Error(`${method} ${path}: ${answer.text}`)
    await wait(30)
  }
}

/**
 * Sends calls, most of them unfinished, corrects and finishes them in any order; deletes a few that are finished. Gives how
 * many it sent.
 */
async function write(name: string, deleted: Set<string>): Promise<number> {
  const open: string[] = []
  let sent = 0
  const goesOn = () => sent < callsOfWriter
  while (goesOn() || open.length > 0) {
    if (goesOn() && (open.length < 12 || randomInt(2) === 0)) {
      const fresh = Array.from({ length: 1 + randomInt(6) }, () => `${name}-${sent++}`)
      await insist(
        'POST',
        '/v1/ingest/calls',
        fresh.map((id) => phoneCall(id, { phase: randomInt(3) === 0 ? 'DONE' : 'PROCESSING' })),
      )
      open.push(...fresh)
    }
    const id = open[randomInt(open.length)] ?? ''
    const what = randomInt(10)
    if (what < 3) await insist('POST', '/v1/ingest/calls', [{ id, notes: `note, ${randomInt(1e6)}\n"quoted"` }])
    else if (what < 4) await insist('POST', '/v1/ingest/calls', [{ id, startedAt: '2026-01-02T03:04:05Z' }])
    else {
      open.splice(open.indexOf(id), 1)
      await insist('POST', '/v1/ingest/calls', [{ id, phase: what < 6 ? 'ERROR' : 'DONE' }])
      if (randomInt(15) === 0) {
        deleted.add(id)
        await insist('DELETE', `/v1/ingest/calls/${id}`)
      }
    }
    await wait(randomInt(8))
  }
  return sent
}

interface Followed {
  /** Every callId that came, in the order in which it came. */
  numbers: number[]
  wrong: string[]
  runs: number
  cutRuns: number
}

/** The loader: runs of pages after the highest callId known; whatever ends a run, the next one begins where it ended. */
async function follow(isOver: () => boolean): Promise<Followed> {
  const followed: Followed = { numbers: [], wrong: [], runs: 0, cutRuns: 0 }
  let highest = 0
  for (;;) {
    const wasOver = isOver()
    const perPage = 3 + randomInt(30)
    const before = followed.numbers.length
    let wasCut = false
    const after = highest
    for (let page = 1; ; page++) {
      const query = `format=csv&per_page=${perPage}&page=${page}&afterCallId=${after}&consecutive=true`
      const answer = await ask('GET', `/v1/sa/call?${query}`)
      wasCut = answer?.status !== 200
      const rows: Record<string, string>[] = wasCut ? [] : parse(answer?.text ?? '', { columns: true })
      if (rows.length === 0) break
      for (const row of rows) {
        const number = Number(row['callId'])
        if (number <= highest) followed.wrong.push(`${number} came after ${highest}`)
        if (row['progressPhase'] !== 'DONE' && row['progressPhase'] !== 'ERROR') {
          followed.wrong.push(`${number} is ${row['progressPhase']}`)
        }
        highest = number
        followed.numbers.push(number)
      }
    }
    followed.runs++
    if (wasCut) followed.cutRuns++
    if (wasOver && !wasCut && followed.numbers.length === before) return followed
    await wait(wasCut ? 100 : 10)
  }
}

/** Every call that is there in the end, by number. */
async function storedCalls(): Promise<Map<number, string>> {
  const stored = new Map<number, string>()
  for (let cursor = ''; ;) {
    const answer = await ask('GET', `/v1/records/calls?limit=1000${cursor}`)
    const page: { data: { number: number; id: string }[]; nextCursor: string | null } = JSON.parse(answer?.text ?? '')
    for (const call of page.data) stored.set(call.number, call.id)
    if (page.nextCursor === null) return stored
    cursor = `&cursor=${page.nextCursor}`
  }
}

test('a follower gets every call exactly once', { timeout: 900_000 }, async () => {
  const deleted = new Set<string>()
  let isOver = false
  const names = Array.from({ length: writers }, (_, index) => `w${index}`)
  const writing = Promise.all(names.map((name) => write(name, deleted))).finally(() => (isOver = true))
  const following = follow(() => isOver)
  const killing = (async () => {
    for (const kill of kills) await liveAndDie(kill)
    supervisor.start()
  })()
  const [sent] = await Promise.all([writing, killing])
  const { numbers, wrong, runs, cutRuns } = await following
  const stored = await storedCalls()

  process.stdout.write(`${numbers.length} calls in ${runs} runs, ${cutRuns} of them cut off; ${deleted.size} deleted\n`)
  expect(wrong).toEqual([])
  expect(new Set(numbers).size).toBe(numbers.length)
  const missed = [...stored].filter(([number]) => !numbers.includes(number))
  expect(missed).toEqual([])
  const gone = numbers.filter((number) => !stored.has(number))
  expect(gone.length).toBeLessThanOrEqual(deleted.size)
  expect(stored.size + deleted.size).toBe(sent.reduce((sum, count) => sum + count, 0))
})
