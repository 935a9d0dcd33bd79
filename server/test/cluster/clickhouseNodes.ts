import { fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

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
const longestStartMs = 30_000
const watchMs = 200

/** Shards of one node each, on free ports of the loopback, with their data below a folder. */
export async function startShards(folder: string, count: number): Promise<ShardNode[]> {
  const ports = await freePorts(2 * count)
  const tcpPorts = ports.slice(count)
  const nodes = tcpPorts.map((tcpPort, index) => {
    const path = join(folder, `shard-${index + 1}`)
    mkdirSync(path)
    const httpPort = ports[index] ?? 0
    writeFileSync(join(path, 'node.xml'), configuration({ httpPort, tcpPort, tcpPorts }))
    return shardNode(path, httpPort)
  })
  await Promise.all(nodes.map((node) => node.start()))
  return nodes
}

function shardNode(path: string, httpPort: number): ShardNode {
  const url = `http://127.0.0.1:${httpPort}`
  let child: ChildProcess | undefined
  const node: ShardNode = {
    url,
    async start() {
      child = fork(program, [path], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
      const deadline = Date.now() + longestStartMs
      while (!(await answers(url))) {
        if (child.exitCode !== null || Date.now() > deadline)
          throw new Error(`The ClickHouse node in ${path} did not start.`)
        await pause(50)
      }
      void watchOver(child)
    },
    async kill() {
      if (!child || child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
    hang: () => void child?.kill('SIGSTOP'),
  }
  /**
   * What a service manager does. Started from the library, the engine's TCP server takes a peer's broken connection for
   * a fatal fault: the process stays, and refuses everything.
   */
  async function watchOver(watched: ChildProcess): Promise<void> {
    while (watched.exitCode === null && watched.signalCode === null) {
      await pause(watchMs, undefined, { ref: false })
      const answer = await fetch(`${url}/?query=SELECT+1`)
        .then((response) => response.text())
        .catch(() => '')
      if (!answer.includes('fatal error')) continue
      await node.kill()
      return node.start()
    }
  }
  return node
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

/** Ports that nobody listens on; all are held until all are known, so that none comes twice. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      return server
    }),
  )
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}
