import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { clusterName, startShards, type ShardNode } from '../test/cluster/clickhouseNodes.ts'
import { openPorts } from '../src/compose.ts'
import type { Ports } from '../src/ports.ts'
import { loadConfig } from '../src/config.ts'
import { rebuildDayTotals } from '../src/features/analytics/rebuildDayTotals.ts'
import { issueKey } from '../src/features/keys/issueKey.ts'
import { openLog } from '../src/log.ts'
import { ensureEmbeddedPostgres } from '../src/store/postgres/embeddedPostgres.ts'
import { sql } from '../src/store/postgres/postgres.ts'
import { fillCalls, fillKeys } from './fill.ts'
import { startServer, type ServerProcess } from './serverProcess.ts'

/** Engines in processes of their own on this machine, and the settings of a program that uses them. */
export interface ScaleEngines {
  shards: number
  directory: string
  settings: Record<string, string>
  stop(): Promise<void>
}

/** One ClickHouse server, or a cluster when `isCluster`; one PostgreSQL beside them. */
export async function startEngines(directory: string, shards: number, isCluster: boolean): Promise<ScaleEngines> {
  mkdirSync(directory, { recursive: true })
  const nodes: ShardNode[] = await startShards(directory, shards)
  const postgres = await ensureEmbeddedPostgres(join(directory, 'database'), { info: () => {}, warn: () => {} })
  const { host = '', port, user, database } = postgres.options
  const urls = nodes.map(({ url }) => `${url}/earshot`).join(',')
  return {
    shards,
    directory,
    settings: {
      EARSHOT_DATA_DIR: join(directory, 'program'),
      EARSHOT_CLICKHOUSE_URL: urls,
      EARSHOT_DATABASE_URL: `postgres://${user}@localhost:${port}/${database}?host=${encodeURIComponent(host)}`,
      ...(isCluster ? { EARSHOT_CLICKHOUSE_CLUSTER: clusterName } : {}),
      EARSHOT_LOG_LEVEL: 'error',
      EARSHOT_RATE_LIMIT: '0',
      EARSHOT_MIN_FREE_BYTES: '0',
    },
    async stop() {
      await Promise.all(nodes.map((node) => node.kill()))
      await postgres.stopIfUnused()
    },
  }
}

/** Runs work on the stores while no server does. */
export async function withApp<T>(engines: ScaleEngines, work: (ports: Ports) => Promise<T>): Promise<T> {
  const config = loadConfig(engines.settings)
  const ports = await openPorts(config, openLog(config), () => {})
  try {
    return await work(ports)
  } finally {
    await ports.close()
  }
}

/** Starts the server over calls, with the keys of two turns each, in place of those that were there; all totals are worked out. */
export async function serveCalls(engines: ScaleEngines, calls: number): Promise<ServerProcess> {
  await withApp(engines, async (ports) => {
    await issueKey(ports, { account: 'bench', scopes: ['*'] })
    for (const table of ['calls', 'record_keys', 'day_totals', 'agent_totals', 'quarter_totals'])
      await ports.clickhouse.command(`TRUNCATE TABLE ${table}`, {}, { isLong: true, onEveryNode: true })
    await ports.postgres.run(sql`TRUNCATE ingest_accounts, ingest_batches, call_days, call_day_accounts CASCADE`)
    await fillCalls(ports.clickhouse, calls)
    await fillKeys(ports.clickhouse, calls, 2 * calls)
    await ports.postgres.run(sql`
      INSERT INTO ingest_accounts (account_id, last_batch, last_seq, last_number)
      VALUES (1, ${Math.ceil(calls / 1000)}, ${calls}, ${calls})`)
    await rebuildDayTotals(ports, new Map())
  })
  return startServer(join(engines.directory, 'program'), engines.settings)
}

/** Processor seconds that processes have used since they started. */
export interface CpuSeconds {
  /** Each ClickHouse process. */
  shards: number[]
  postgres: number
  program: number
}

const ticksPerSecond = 100

interface ProcessState {
  parent: number
  own: number
  /** Of children that have ended. */
  ended: number
  /** Of its first thread, which is all that a process of PostgreSQL has: finer than the whole's hundredths. */
  thread: number
  commandLine: string
}

export function readCpu(engines: ScaleEngines): CpuSeconds {
  const states = readProcesses()
  const all = [...states.values()]
  const postmaster = Number(
    readFileSync(join(engines.directory, 'database', 'postgres', 'postmaster.pid'), 'utf8').split('\n')[0],
  )
  const database = all.filter((state) => state.parent === postmaster || state === states.get(postmaster))
  const own = all.filter(({ parent }) => parent === process.pid)
  const sum = (found: ProcessState[]): number => total(found.map((state) => state.own))
  return {
    shards: Array.from({ length: engines.shards }, (_, index) =>
      sum(own.filter(({ commandLine }) => commandLine.endsWith(join(engines.directory, `shard-${index + 1}`)))),
    ),
    postgres: (states.get(postmaster)?.ended ?? 0) + total(database.map(({ thread }) => thread)),
    program: sum(own.filter(({ commandLine }) => commandLine.endsWith('earshot.js serve'))),
  }
}

function readProcesses(): Map<number, ProcessState> {
  const states = new Map<number, ProcessState>()
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8')
      // The name in parentheses may hold anything.
      const cells = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      const [user = 0, system = 0, childrenUser = 0, childrenSystem = 0] = cells.slice(11, 15).map(Number)
      states.set(Number(name), {
        parent: Number(cells[1]),
        own: (user + system) / ticksPerSecond,
        ended: (childrenUser + childrenSystem) / ticksPerSecond,
        thread: Number(readFileSync(`/proc/${name}/schedstat`, 'utf8').split(' ')[0]) / 1e9,
        commandLine: readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0').join(' ').trim(),
      })
    } catch {
      // It ended while it was read.
    }
  }
  return states
}

export function cpuSince(before: CpuSeconds, after: CpuSeconds): CpuSeconds {
  return {
    shards: after.shards.map((seconds, index) => seconds - (before.shards[index] ?? 0)),
    postgres: after.postgres - before.postgres,
    program: after.program - before.program,
  }
}

export function total(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}
