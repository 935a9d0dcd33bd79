import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { healthSurface } from '../api/health/routes.ts'
import { buildServer, closeServer, drainServer, listen } from '../api/http/server.ts'
import { surfaces } from '../api/surfaces.ts'
import { openPorts } from '../compose.ts'
import type { Ports } from '../ports.ts'
import { loadConfig, type Config } from '../config.ts'
import { defineBackupJob } from '../features/backup/backupJob.ts'
import { startReturningMemory } from '../idleMemory.ts'
import { openLog } from '../log.ts'
import { isLoopback } from './checks/address.ts'
import { CommandError } from './failure.ts'
import { print } from './output.ts'
import { removeServeFile, writeServeFile } from './serveFile.ts'
import { loadDemo, openDemoAccount } from './serveDemo.ts'
import { createShutdown, type Shutdown } from './shutdown.ts'

/** Runs the server until a signal ends it. */
export async function serve(options: { demo: boolean }): Promise<void> {
  const config = loadConfig()
  // A person at a terminal reads text, not JSON.
  const log = openLog({ ...config, logPretty: config.logPretty || process.stdout.isTTY })
  // A closed pipe or a full disk must not end the server: it goes on without its log.
  process.stdout.on('error', () => {})
  const shutdown = createShutdown(log, config.drainSeconds * 1000)
  const ports = await openUnlessStopped(config, log, shutdown)
  // The stores that were open are already closed.
  if (!ports) return shutdown.onStop(async () => {})
  const opened = await openServer(ports).catch(async (error: unknown) => {
    await ports.close()
    throw describeListening(error, config)
  })
  const { server, url } = opened
  const idleMemory = startReturningMemory()
  shutdown.onStop(async () => {
    idleMemory.stop()
    await removeServeFile(config.dataDirectory)
    if (server && config.drainSeconds > 0) await drainServer(server, config.drainSeconds * 1000)
    if (server) await closeServer(server)
    await ports.close()
  })
  if (shutdown.signal.aborted) return
  await writeServeFile(config.dataDirectory, url)
  defineBackupJob(ports)
  if (config.roles.includes('worker')) ports.jobs.start()
  log.info({ url, roles: config.roles, dataDirectory: config.dataDirectory }, 'listening')
  if (config.publicUrl === '' && !isLoopback(config.host)) {
    log.warn('EARSHOT_PUBLIC_URL is not set; links begin with the address to which each request was sent')
  }
  await greet(ports, url, options, shutdown)
}

/** Undefined if a signal ended the start. */
async function openUnlessStopped(config: Config, log: Logger, shutdown: Shutdown): Promise<Ports | undefined> {
  const lost = () => shutdown.fail('The data folder was lost: another Earshot took it. The process ends.')
  try {
    return await openPorts(config, log, lost, shutdown.signal)
  } catch (error) {
    if (error === shutdown.signal.reason) return undefined
    throw error
  }
}

/** The address of a server that listens on all addresses, from this machine. */
function reachable(url: string): string {
  return url.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:')
}

async function openServer(ports: Ports): Promise<{ server?: FastifyInstance; url: string }> {
  const { config } = ports
  const isWorkerOnly = !config.roles.includes('api')
  const server = await buildServer(ports, isWorkerOnly ? [healthSurface] : surfaces)
  try {
    return { server, url: reachable(await listen(server, config)) }
  } catch (error) {
    await closeServer(server, 0)
    // A worker answers only health checks, and it can run without them beside an api process on the same machine.
    if (!isWorkerOnly || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
    ports.log.warn({ port: config.port }, 'the port is in use; this worker answers no health checks')
    return { url: config.publicUrl || `http://127.0.0.1:${config.port}` }
  }
}

function describeListening(error: unknown, { host, port, tlsCertificate, tlsKey }: Config): unknown {
  const { code, message } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE') {
    return new CommandError(
      `Port ${port} on ${host} is in use by another program; stop it, or choose another port with EARSHOT_PORT.`,
    )
  }
  if (code === 'EACCES')
    return new CommandError(`Port ${port} is reserved for the system; choose one from 1024 with EARSHOT_PORT.`)
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return new CommandError(
      `EARSHOT_HOST is ${JSON.stringify(host)}, which is not an address of this machine; set it to 127.0.0.1, 0.0.0.0 or one of its own.`,
    )
  }
  if (code?.startsWith('ERR_OSSL') || code?.startsWith('ERR_TLS')) {
    return new CommandError(
      `The TLS certificate ${tlsCertificate} and key ${tlsKey} cannot be used (${message}); both must be PEM and belong together.`,
    )
  }
  return error
}

/** Prints the next steps for a person. */
async function greet(ports: Ports, url: string, options: { demo: boolean }, shutdown: Shutdown): Promise<void> {
  const address = ports.config.publicUrl || url
  if (!options.demo) {
    if (process.stdout.isTTY) {
      printBlock([
        `Earshot serves at ${address}`,
        "Create a key with: earshot keys create --account NAME --scopes '*'",
        'Stop with Ctrl-C.',
      ])
    }
    return
  }
  const demo = await openDemoAccount(ports)
  if (demo.account.disabledAt) {
    return printBlock([`Earshot serves at ${address}`, 'The account "demo" is disabled: earshot accounts enable demo'])
  }
  try {
    await loadDemo(ports, demo, { url, signal: shutdown.signal })
  } catch (error) {
    if (shutdown.signal.aborted) return
    // The server works without the demo data; the next start resumes the load.
    ports.log.error({ err: error }, 'the demo data could not be loaded completely')
  }
  printBlock([
    `Console   ${address}`,
    `API key   ${demo.key.apiKey}`,
    `Try it    curl -H 'X-Api-Key: ${demo.key.apiKey}' '${address}/v1/records/calls?limit=3'`,
    'Stop with Ctrl-C.',
  ])
}

function printBlock(lines: readonly string[]): void {
  print(`\n${lines.map((line) => `  ${line}`).join('\n')}\n`)
}
