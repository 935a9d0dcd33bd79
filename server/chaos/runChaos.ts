import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePort } from '../test/freePorts.ts'
import { createKey, postgresPids, scratchFolder, serve, signalIfAlive, until } from '../test/program.ts'
import { mountSmallDisk } from '../test/smallDisk.ts'
import { blowsFor, type Stage } from './blows.ts'
import { compareCalls, newTraffic, runReader, runSender } from './traffic.ts'

/** What came of it. */
export interface ChaosReport {
  /** How often each kind of harm was done, and the longest time until the server was ready after it. */
  blows: Record<string, { count: number; longestSeconds: number }>
  leftOut: string[]
  answered: number
  repeated: number
  acknowledged: number
  stored: number
  lost: string[]
  doubled: string[]
  changed: string[]
  wrong: string[]
}

const diskBytes = 600_000_000
const keptFreeBytes = 40_000_000

/** Does harm to a real server while senders write and a reader reads, until the time is up; the same seed does the same. */
export async function runChaos(
  { minutes, seed }: { minutes: number; seed: number },
  tell: (line: string) => void,
): Promise<ChaosReport> {
  const scratch = await scratchFolder()
  const dataDirectory = join(scratch.path, 'data')
  const disk = mountSmallDisk(dataDirectory, diskBytes)
  const traffic = newTraffic()
  const { possible, leftOut } = blowsFor(disk)
  const done: ChaosReport['blows'] = {}
  let stage: Stage | undefined
  try {
    const opened = await openStage({ dataDirectory, disk, random: randomFrom(seed) })
    stage = opened
    const { url } = opened.server
    const work = [
      ...['a', 'b', 'c'].map((name, index) =>
        runSender(name, { url, apiKey: opened.apiKey, random: randomFrom(seed + index + 1) }, traffic),
      ),
      runReader(url, opened.apiKey, traffic),
    ]
    const end = performance.now() + minutes * 60_000
    for (let order = shuffled(possible, opened.random); performance.now() < end;) {
      const [name, blow] = order.pop() ?? ['', undefined]
      if (order.length === 0) order = shuffled(possible, opened.random)
      if (!blow) continue
      await pause(200 + opened.random() * 1_000)
      const struckAt = performance.now()
      for (const fault of await blow(opened)) traffic.wrong.push(`${name}: ${fault}`)
      await until(`ready after: ${name}`, () => opened.isReady())
      const seconds = (performance.now() - struckAt) / 1000
      const before = done[name] ?? { count: 0, longestSeconds: 0 }
      done[name] = { count: before.count + 1, longestSeconds: Math.max(before.longestSeconds, seconds) }
      tell(`${name}: ready after ${seconds.toFixed(1)} s, ${traffic.acknowledged.size} calls acknowledged`)
    }
    traffic.isOver = true
    await Promise.all(work)
    const compared = await compareCalls(url, opened.apiKey, traffic)
    const { answered, repeated, wrong, acknowledged } = traffic
    return { blows: done, leftOut, answered, repeated, acknowledged: acknowledged.size, ...compared, wrong }
  } finally {
    traffic.isOver = true
    stage?.server.process.kill('SIGKILL')
    await stage?.server.ended
    for (const pid of postgresPids(scratch.path)) signalIfAlive(pid, 'SIGQUIT')
    await until('PostgreSQL is gone', () => postgresPids(scratch.path).length === 0)
    disk?.unmount()
    await scratch.remove()
  }
}

async function openStage(given: Pick<Stage, 'dataDirectory' | 'disk' | 'random'>): Promise<Stage> {
  const port = await freePort()
  const settings = {
    EARSHOT_DATA_DIR: given.dataDirectory,
    EARSHOT_PORT: String(port),
    EARSHOT_RATE_LIMIT: '0',
    EARSHOT_MIN_FREE_BYTES: String(keptFreeBytes),
  }
  const { apiKey } = await createKey(settings, 'chaos')
  const stage: Stage = {
    ...given,
    port,
    apiKey,
    server: await serve(settings),
    async start(more = {}) {
      stage.server = await serve({ ...settings, ...more })
    },
    async isReady() {
      const answer = await fetch(`${stage.server.url}/ready`).catch(() => undefined)
      return (await answer?.text().catch(() => ''))?.includes('"status":"ok"') ?? false
    },
  }
  return stage
}

function shuffled<Item>(items: Record<string, Item>, random: () => number): [string, Item][] {
  return Object.entries(items)
    .map((item) => ({ item, place: random() }))
    .sort((left, right) => left.place - right.place)
    .map(({ item }) => item)
}

/** Numbers from 0 to 1 that look like chance and are the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
