import { randomInt } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { buildServer, closeServer, listen } from '../src/api/http/server.ts'
import { surfaces } from '../src/api/surfaces.ts'
import { openPorts } from '../src/compose.ts'
import { loadConfig } from '../src/config.ts'
import { openLog } from '../src/log.ts'
import { requestWith } from './kill/client.ts'
import { makeKey, settingsOf } from './kill/prepare.ts'
import { runReader } from './kill/reader.ts'
import { runSender, type Traffic } from './kill/sender.ts'
import { steps } from './kill/steps.ts'
import { Supervisor, type Kill } from './kill/supervisor.ts'
import { adoptPlaces, compare } from './model/compare.ts'
import { joinModels } from './model/joinModels.ts'
import type { RecordsModel } from './model/recordsModel.ts'

// Promises 1 to 3, on the real program with its embedded engines: fifty times it is killed with SIGKILL while senders
// write and a reader reads, and then everything must be there, once, under the numbers that were read.

let dataDirectory: string
let environment: Record<string, string>
let supervisor: Supervisor

beforeAll(async () => {
  dataDirectory = await mkdtemp(join(tmpdir(), 'earshot-kill-'))
  environment = await settingsOf(dataDirectory)
  supervisor = new Supervisor(dataDirectory, environment)
})
afterAll(async () => {
  await supervisor.end()
  await rm(dataDirectory, { recursive: true, force: true, maxRetries: 10 })
})

/** Every step several times, and any time, in any order; a few times PostgreSQL dies with the program. */
function planOfKills(): Kill[] {
  const plan: Kill[] = steps.flatMap((step) => [1, 4, 9, 16].map((count): Kill => ({ kind: 'at a step', step, count })))
  for (let index = 0; index < 26; index++) {
    plan.push({
      kind: 'at any time',
      afterMs: randomInt(900),
      isWhileStarting: index % 3 === 0,
      withPostgres: index % 8 === 1,
      program: index % 5 === 4 ? 'earshot serve' : 'watched',
    })
  }
  return plan
    .map((kill) => ({ kill, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ kill }) => kill)
}

test('killed fifty times at any step, it keeps what it acknowledged, once', { timeout: 1_200_000 }, async () => {
  const began = Date.now()
  const request = requestWith(`http://127.0.0.1:${environment['EARSHOT_PORT']}`, await makeKey(environment))
  const account = { id: 1, request }
  const traffic: Traffic = { deleted: new Set(), isOver: false, sent: 0, repeated: 0 }
  const senders = ['a', 'b', 'c'].map((name) => runSender(name, request, traffic))
  const reader = runReader(account, supervisor, traffic)
  const work = Promise.all([...senders, reader])
  await Promise.race([killAll(), work])
  traffic.isOver = true
  supervisor.start()
  const models = await Promise.all(senders)
  const observed = await reader
  await supervisor.end()

  report(supervisor, traffic, observed.reads, Date.now() - began)
  expect(observed.wrong).toEqual([])
  await compareStore(account, models)
  expect(supervisor.deaths).toHaveLength(50)
  // Otherwise it was not killed where it matters.
  expect(supervisor.deaths.filter(({ kill, phase }) => kill.kind === 'at a step' && phase === kill.step)).toHaveLength(
    24,
  )
})

async function killAll(): Promise<void> {
  for (const kill of planOfKills()) await supervisor.liveAndDie(kill)
}

/** Opens the folder once more and holds all of it against what the senders know. */
async function compareStore(account: { id: number; request: ReturnType<typeof requestWith> }, models: RecordsModel[]) {
  const config = loadConfig(environment)
  const ports = await openPorts(config, openLog(config), () => {})
  const server = await buildServer(ports, surfaces)
  await listen(server, config)
  try {
    const whole = joinModels(models)
    await adoptPlaces(ports, account, whole)
    await compare(ports, account, whole, 1000)
  } finally {
    await closeServer(server)
    await ports.close()
  }
}

function report({ deaths, postmasters }: Supervisor, traffic: Traffic, reads: number, tookMs: number): void {
  const counts = new Map<string, number>()
  for (const { phase } of deaths) counts.set(phase, (counts.get(phase) ?? 0) + 1)
  const lines = [...counts]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([phase, count]) => `  ${count} ${phase}`)
  process.stdout.write(
    `${deaths.length} kills in ${Math.round(tookMs / 1000)} s:\n${lines.join('\n')}\n` +
      `  ${traffic.sent} requests, ${traffic.repeated} tries without an answer, ${reads} reads of the whole list, ` +
      `${new Set(postmasters).size} PostgreSQL processes found again over ${postmasters.length} starts\n`,
  )
}
