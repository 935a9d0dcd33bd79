import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { freePorts } from '../freePorts.ts'

/** One shard of a cluster on this machine, in a process of its own. */
export interface ShardNode {
  /** Its HTTP address without a database. */
  url: string
  start(): Promise<void>
  /** As when its process is killed. */
  kill(): Promise<void>
  /** As when its machine hangs: connections stand, and nothing answers. Killing it ends that. */
  hang(): void
}

export const clusterName = 'earshot'

const program = new URL('./clickhouseNode.ts', import.meta.url)
const maxStartMs = 120_000
const watchMs = 200

/** Shards of one node each, on free ports of the loopback, with their data below a folder. */
export async function startShards(folder: string, count: number): Promise<ShardNode[]> {
  const ports = await freePorts(2 * count)
  const tcpPorts = ports.slice(count)
  const nodes: WatchedNode[] = []
  const nodesAreWell = () => Promise.all(nodes.map((node) => node.isWell()))
  for (const [index, tcpPort] of tcpPorts.entries()) {
    const path = join(folder, `shard-${index + 1}`)
    mkdirSync(path)
    const httpPort = ports[index] ?? 0
    writeFileSync(join(path, 'node.xml'), configuration({ httpPort, tcpPort, tcpPorts }))
    nodes.push(shardNode(path, httpPort, nodesAreWell))
  }
  await Promise.all(nodes.map((node) => node.start()))
  return nodes
}

interface WatchedNode extends ShardNode {
  /** Resolves when the node serves, if it is to run. */
  isWell(): Promise<void>
}

function shardNode(path: string, httpPort: number, nodesAreWell: () => Promise<unknown>): WatchedNode {
  const url = `http://127.0.0.1:${httpPort}`
  let child: ChildProcess | undefined
  let isWanted = false
  let isHung = false

  async function end(): Promise<void> {
    if (!child || hasEnded(child)) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }

  /** Resolves when it serves, or is to run no more. */
  async function launch(): Promise<void> {
    const launched = fork(program, [path], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
    child = launched
    const deadline = Date.now() + maxStartMs
    while (!(await answers(url))) {
      if (!isWanted) return
      if (hasEnded(launched) || Date.now() > deadline) throw new Error(`The ClickHouse node in ${path} did not start.`)
      await pause(50)
    }
  }

  /**
   * What a service manager does. Started from the library, the engine's TCP server takes a peer's broken connection for
   * a fatal fault: the process stays, and refuses everything.
   */
  async function mend(): Promise<void> {
    if (!isWanted || isHung || !child || !(await isBroken(url))) return
    await end()
    if (isWanted) await launch()
  }

  /** One after the other, so that a node is never started twice. */
  let last: Promise<void> = Promise.resolve()
  const inTurn = (work: () => Promise<void>): Promise<void> => (last = last.catch(() => {}).then(work))

  async function watchOver(): Promise<void> {
    while (isWanted) {
      await pause(watchMs, undefined, { ref: false })
      await inTurn(mend).catch(() => {})
    }
  }

  return {
    url,
    async start() {
      isWanted = true
      await inTurn(launch)
      void watchOver()
      await nodesAreWell()
    },
    async kill() {
      isWanted = false
      isHung = false
      await end()
      await inTurn(end)
      // Long enough for the others to have noticed.
      await pause(watchMs)
      await nodesAreWell()
    },
    hang() {
      isHung = true
      child?.kill('SIGSTOP')
    },
    isWell: () => inTurn(mend),
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null
}

async function isBroken(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/?query=SELECT+1`, { signal: AbortSignal.timeout(maxStartMs) })
    .then((response) => response.text())
    .catch(() => '')
  return answer.includes('fatal error')
}

async function answers(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/ping`)).ok
  } catch {
    return false
  }
}

function configuration(ports: { httpPort: number; tcpPort: number; tcpPorts: number[] }): string {
  const shards = ports.tcpPorts.map(
    (port) => `<shard><replica><host>127.0.0.1</host><port>${port}</port></replica></shard>`,
  )
  return `<clickhouse>
  <listen_host>127.0.0.1</listen_host>
  <http_port>${ports.httpPort}</http_port>
  <tcp_port>${ports.tcpPort}</tcp_port>
  <remote_servers><${clusterName}>${shards.join('')}</${clusterName}></remote_servers>
</clickhouse>
`
}
