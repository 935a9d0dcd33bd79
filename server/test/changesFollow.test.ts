import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { collections } from '../src/domain/collections/all.ts'
import { emptyWarehouse, followAll, type Warehouse } from './changes/follower.ts'
import { requestWith } from './kill/client.ts'
import { makeKey, settingsOf } from './kill/prepare.ts'
import { runSender, type Traffic } from './kill/sender.ts'
import { steps } from './kill/steps.ts'
import { Supervisor, type Kill } from './kill/supervisor.ts'
import { readAll, sorted } from './model/compare.ts'

// Promise 3, for the change order: a copy of everything that is made from the changes alone, page after page, while
// others write, correct and delete and the server is killed with SIGKILL, is in the end what the store holds.

let dataDirectory: string
let environment: Record<string, string>
let supervisor: Supervisor

beforeAll(async () => {
  dataDirectory = await mkdtemp(join(tmpdir(), 'earshot-follow-'))
  environment = await settingsOf(dataDirectory)
  supervisor = new Supervisor(dataDirectory, environment)
})
afterAll(async () => {
  await supervisor.end()
  await rm(dataDirectory, { recursive: true, force: true, maxRetries: 10 })
})

/** Each step of a turn once, and a few deaths at any time. */
function planOfKills(): (Kill | undefined)[] {
  const atSteps = steps.map((step): Kill => ({ kind: 'at a step', step, count: randomInt(2, 12) }))
  return [...atSteps, undefined, undefined, undefined, undefined].toSorted(() => Math.random() - 0.5)
}

/** One life of the server: until its step comes, or the follower has got some pages from it. */
async function liveAndDie(kill: Kill | undefined, warehouse: Warehouse): Promise<void> {
  const child = supervisor.start(kill)
  const died = once(child, 'exit')
  const enough = warehouse.pages + randomInt(5, 80)
  while (child.exitCode === null && child.signalCode === null && warehouse.pages < enough) await wait(20)
  child.kill('SIGKILL')
  expect((await died)[1]).toBe('SIGKILL')
}

test('a copy made from the changes alone is what the store holds', { timeout: 900_000 }, async () => {
  const account = {
    id: 1,
    request: requestWith(`http://127.0.0.1:${environment['EARSHOT_PORT']}`, await makeKey(environment)),
  }
  const traffic: Traffic & { isSettled: boolean } = {
    deleted: new Set(),
    isOver: false,
    isSettled: false,
    sent: 0,
    repeated: 0,
  }
  const writers = Promise.all(['a', 'b'].map((name) => runSender(name, account.request, traffic)))
  const warehouse = emptyWarehouse()
  const follower = followAll(account, warehouse, traffic)
  const killing = (async () => {
    for (const kill of planOfKills()) await liveAndDie(kill, warehouse)
  })()
  await Promise.race([killing, writers, follower])
  traffic.isOver = true
  supervisor.start()
  await writers
  traffic.isSettled = true
  await follower

  report(warehouse)
  expect(warehouse.wrong).toEqual([])
  for (const { name } of collections) {
    const copied = [...(warehouse.tables.get(name)?.values() ?? [])]
    expect(sorted(copied), name).toEqual(sorted(await readAll(account, name, 1000)))
  }
  expect(warehouse.deletions).toBeGreaterThan(0)
  expect(warehouse.failures).toBeGreaterThan(0)
})

function report({ pages, rows, deletions, failures }: Warehouse): void {
  process.stdout.write(
    `followed ${rows} changes, ${deletions} of them deletions, in ${pages} pages; ${failures} pages did not come\n`,
  )
}
