import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { loadConfig } from '../src/config.ts'
import { openControl } from '../src/control.ts'
import { issueKey } from '../src/features/keys/issueKey.ts'
import type { NewKey } from '../src/features/keys/key.ts'
import { openLog } from '../src/log.ts'

/** The real server in a process of its own, as `earshot serve` runs it. */
export interface ServerProcess {
  url: string
  key: NewKey
  /** Resident memory of the server process in MiB; PostgreSQL has processes of its own. */
  memory(): number
  stop(): Promise<void>
}

const maxStartMs = 30_000

export async function startServer(
  dataDirectory: string,
  settings: Record<string, string> = {},
): Promise<ServerProcess> {
  const environment = {
    EARSHOT_PORT: String(await freePort()),
    EARSHOT_DATA_DIR: dataDirectory,
    EARSHOT_LOG_LEVEL: 'error',
    EARSHOT_RATE_LIMIT: '0',
    ...settings,
  }
  const config = loadConfig(environment)
  const control = await openControl(config, openLog(config))
  const key = await issueKey(control, { account: 'bench', scopes: ['*'] })
  const url = `http://127.0.0.1:${environment.EARSHOT_PORT}`
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../bin/earshot.js'), 'serve'], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  await untilHealthy(url)
  await control.close()
  return {
    url,
    key,
    memory: () => residentMiB(child.pid),
    async stop() {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    },
  }
}

async function untilHealthy(url: string): Promise<void> {
  const deadline = Date.now() + maxStartMs
  for (;;) {
    const answer = await fetch(`${url}/health`).catch(() => undefined)
    if (answer?.ok) return
    if (Date.now() > deadline) throw new Error('The server did not start within 30 seconds.')
    await wait(50)
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

function residentMiB(pid: number | undefined): number {
  const kilobytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Math.round(Number(kilobytes) / 1024)
}
