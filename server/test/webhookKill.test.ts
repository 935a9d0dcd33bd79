import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadConfig } from '../src/config.ts'
import { openControl } from '../src/control.ts'
import { issueKey } from '../src/features/keys/issueKey.ts'
import { openLog } from '../src/log.ts'
import { freePort } from './freePorts.ts'
import { requestWith } from './kill/client.ts'
import { scratchFolder, until } from './program.ts'
import { openReceiver, type Receiver } from './receiver.ts'
import type { TestAccount } from './testApp.ts'

// What is acknowledged is told: the program is killed with SIGKILL at every step between storing a change and knowing
// that its webhook arrived, and started again.

const program = new URL('./kill/webhookProgram.ts', import.meta.url)
/** Where it dies, and at which time that it comes there. */
const kills = [
  ['stored', 1],
  ['stored', 3],
  ['readable', 1],
  ['taken', 1],
  ['taken', 3],
  ['sent', 1],
  ['sent', 2],
  ['written', 1],
] as const
const callsALife = 12

let folder: Awaited<ReturnType<typeof scratchFolder>>
let environment: Record<string, string>
let receiver: Receiver
let child: ChildProcess | undefined

beforeAll(async () => {
  folder = await scratchFolder()
  receiver = await openReceiver()
  environment = {
    EARSHOT_PORT: String(await freePort()),
    EARSHOT_DATA_DIR: join(folder.path, 'data'),
    EARSHOT_LOG_LEVEL: 'silent',
    EARSHOT_RATE_LIMIT: '0',
    EARSHOT_MIN_FREE_BYTES: '0',
    EARSHOT_WEBHOOK_PRIVATE: '127.0.0.0/8',
  }
})
afterAll(async () => {
  if (child && child.exitCode === null && child.signalCode === null) {
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
  await receiver.close()
  await folder.remove()
})

async function openAccount(): Promise<TestAccount['request']> {
  const config = loadConfig(environment)
  const control = await openControl(config, openLog(config))
  const { apiKey } = await issueKey(control, { account: 'killed', scopes: ['*'] })
  await control.close()
  return requestWith(`http://127.0.0.1:${environment['EARSHOT_PORT']}`, apiKey)
}

function live(...aim: readonly (string | number)[]): { program: ChildProcess; died: Promise<unknown> } {
  const started = fork(program, aim.map(String), {
    env: { ...process.env, ...environment },
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  })
  child = started
  return { program: started, died: once(started, 'exit') }
}

/** Sends a change until it is acknowledged, over as many lives as that takes. */
async function acknowledged(request: TestAccount['request'], path: string, body: object): Promise<void> {
  const headers = { 'Content-Type': 'application/json' }
  for (;;) {
    const answer = await request('POST', path, JSON.stringify(body), headers).catch(() => undefined)
    if (answer && answer.status < 300) return
    if (answer && answer.status < 500) throw new Error(`It was refused: ${answer.text}`)
    await wait(50)
  }
}

async function sendCall(request: TestAccount['request'], id: string): Promise<void> {
  const startedAt = new Date(Date.now() - 60_000).toISOString()
  await acknowledged(request, '/v1/ingest/calls', { id, channel: 'phone', status: 'active', startedAt })
  await acknowledged(request, '/v1/ingest/calls', { id, status: 'completed', durationSeconds: 30 })
}

/**
 * Calls that start and end, sent while the program dies and lives again. Many may share a turn or be told of together, so
 * that the program comes to its step too seldom: more are sent one by one until it is dead.
 */
async function sendCalls(request: TestAccount['request'], life: number, isDead: () => boolean): Promise<string[]> {
  const ids = Array.from({ length: callsALife }, (_, index) => `l${life}c${index}`)
  await Promise.all(
    ids.map(async (id, index) => {
      await wait(index * 40)
      await sendCall(request, id)
    }),
  )
  while (!isDead()) {
    const id = `l${life}c${ids.length}`
    ids.push(id)
    await sendCall(request, id)
  }
  return ids
}

test('killed between storing and telling, it tells every transition, under one id', { timeout: 900_000 }, async () => {
  const request = await openAccount()
  live()
  await acknowledged(request, '/api/v1/webhooks', {
    url: receiver.url,
    events: ['call.started', 'call.completed'],
    secret: 'a secret of sixteen bytes',
  })
  const ids: string[] = []
  const signals: unknown[] = []
  for (const [life, aim] of kills.entries()) {
    child?.kill('SIGKILL')
    if (child) await once(child, 'exit')
    const { program: dying, died } = live(...aim)
    const sent = sendCalls(request, life, () => dying.exitCode !== null || dying.signalCode !== null)
    signals.push(((await died) as [unknown, unknown])[1])
    live()
    ids.push(...(await sent))
  }
  const missing = () =>
    ids.flatMap((id) => ['call.started', 'call.completed'].filter((type) => !told.get(`${id} ${type}`)))
  const told = new Map<string, Set<string>>()
  await until('everything was told', () => {
    for (const { json } of receiver.requests) {
      const name = `${json.data.id} ${json.type}`
      told.set(name, (told.get(name) ?? new Set()).add(json.id))
    }
    return missing().length === 0
  })
  expect(signals).toEqual(kills.map(() => 'SIGKILL'))
  expect(ids.length).toBeGreaterThanOrEqual(kills.length * callsALife)
  expect([...told.values()].filter((events) => events.size > 1)).toEqual([])
  expect(told.size).toBe(ids.length * 2)
  // What was sent and not yet written when the process died came again.
  expect(receiver.requests.length).toBeGreaterThan(told.size)
})
