import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import { waitedFor } from '../src/features/clock/heedClock.ts'
import { ensureEmbeddedPostgres } from '../src/store/postgres/embeddedPostgres.ts'
import { openPostgres, sql, sqlScript } from '../src/store/postgres/postgres.ts'
import { postgresPids, signalIfAlive, type Serving } from '../test/program.ts'
import type { SmallDisk } from '../test/smallDisk.ts'
import { sendOddBodies, sendRawRequests } from './odd.ts'

/** What a blow works on. */
export interface Stage {
  server: Serving
  dataDirectory: string
  port: number
  apiKey: string
  disk: SmallDisk | undefined
  random: () => number
  /** Starts the server again, with settings for this life alone. */
  start(settings?: Record<string, string>): Promise<void>
  isReady(): Promise<boolean>
}

/** Does harm; gives what the server did that it must not. */
export type Blow = (stage: Stage) => Promise<string[]>

const endsWithinMs = 5_000

const blows: Record<string, Blow> = {
  async 'the server killed'(stage) {
    await kill(stage)
    await stage.start()
    return []
  },
  async 'the server and PostgreSQL killed'(stage) {
    await killBoth(stage)
    await stage.start()
    return []
  },
  async 'PostgreSQL killed under the server'(stage) {
    killPostgres(stage)
    return survived(stage)
  },
  async 'a connection of PostgreSQL killed'(stage) {
    const children = postgresPids(stage.dataDirectory).flatMap(childrenOf)
    const chosen = children[Math.floor(stage.random() * children.length)]
    if (chosen !== undefined) signalIfAlive(chosen, 'SIGKILL')
    return survived(stage)
  },
  async 'PostgreSQL hung for seconds'(stage) {
    const family = postgresPids(stage.dataDirectory).flatMap((pid) => [pid, ...childrenOf(pid)])
    for (const pid of family) signalIfAlive(pid, 'SIGSTOP')
    await pause(1_000 + stage.random() * 7_000)
    for (const pid of family) signalIfAlive(pid, 'SIGCONT')
    return survived(stage)
  },
  async 'stopped, then told to end at once'(stage) {
    signalIfAlive(stage.server.pid, 'SIGTERM')
    await pause(700)
    const told = performance.now()
    signalIfAlive(stage.server.pid, 'SIGTERM')
    const { code, signal } = await stage.server.ended
    const tookMs = performance.now() - told
    await stage.start()
    const wrong = tookMs > endsWithinMs ? [`it took ${Math.round(tookMs)} ms to end`] : []
    return code === 143 || code === 0 ? wrong : [...wrong, `it ended with ${code ?? signal}`]
  },
  async 'odd bodies'(stage) {
    return [...(await sendOddBodies(stage.server.url, stage.apiKey)), ...(await survived(stage))]
  },
  async 'odd requests'(stage) {
    return [...(await sendRawRequests(stage.port)), ...(await survived(stage))]
  },
  async 'a clock that was three hours ahead'(stage) {
    await kill(stage)
    await putAhead(stage.dataDirectory)
    await stage.start()
    return []
  },
  async 'little memory for ClickHouse'(stage) {
    await kill(stage)
    await stage.start({ EARSHOT_CLICKHOUSE_MEMORY_BYTES: '30000000' })
    await pause(2_000)
    await kill(stage)
    await stage.start()
    return []
  },
}

const diskBlows: Record<string, Blow> = {
  async 'the disk full for seconds'(stage) {
    await stage.disk?.fill(0)
    await pause(1_000 + stage.random() * 3_000)
    await stage.disk?.clear()
    return survived(stage)
  },
}

/** What can be done here, and what is left out, with the reason. */
export function blowsFor(disk: SmallDisk | undefined): { possible: Record<string, Blow>; leftOut: string[] } {
  const leftOut = disk ? [] : ['full disks, as this process may not mount a file system']
  return { possible: { ...blows, ...(disk ? diskBlows : {}) }, leftOut }
}

async function survived({ server }: Stage): Promise<string[]> {
  return server.process.exitCode === null && server.process.signalCode === null ? [] : ['the server ended']
}

async function kill({ server }: Stage): Promise<void> {
  signalIfAlive(server.pid, 'SIGKILL')
  await server.ended
}

async function killBoth(stage: Stage): Promise<void> {
  // The server first: it would start its PostgreSQL again.
  await kill(stage)
  killPostgres(stage)
}

/** Leaves the control database as one that was used while its clock was ahead. */
async function putAhead(dataDirectory: string): Promise<void> {
  const engine = await ensureEmbeddedPostgres(dataDirectory, { info: () => {}, warn: () => {} })
  const postgres = await openPostgres(engine.options, { maxConnections: 1 })
  for (const [table, column] of [...waitedFor, ['clock', 'seen_at'] as const]) {
    const named = sqlScript(column)
    await postgres.run(sql`UPDATE ${sqlScript(table)} SET ${named} = ${named} + INTERVAL '3 hours'`)
  }
  await postgres.close()
  await engine.stopIfUnused()
}

function killPostgres({ dataDirectory }: Stage): void {
  for (const pid of postgresPids(dataDirectory)) signalIfAlive(pid, 'SIGKILL')
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && statusOf(name).includes(`\nPPid:\t${parent}\n`))
    .map(Number)
}

function statusOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8')
  } catch {
    return ''
  }
}
