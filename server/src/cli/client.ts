import type { FastifyInstance } from 'fastify'
import { buildServer, closeServer, listen } from '../api/http/server.ts'
import { surfaces } from '../api/surfaces.ts'
import { openPorts } from '../compose.ts'
import type { Ports } from '../ports.ts'
import type { Config } from '../config.ts'
import { openControl } from '../control.ts'
import type { Control } from '../ports.ts'
import { systemControl } from '../features/accounts/controlContext.ts'
import { listAccounts } from '../features/accounts/listAccounts.ts'
import { issueKey } from '../features/keys/issueKey.ts'
import type { NewKey } from '../features/keys/key.ts'
import { removeKey } from '../features/keys/removeKey.ts'
import { endLost } from './endProcess.ts'
import { CommandError } from './failure.ts'
import { localFetch } from './localFetch.ts'
import { requireFolder } from './requireFolder.ts'
import { findServer } from './serveFile.ts'
import { commandLog } from './withControl.ts'

/** A command as a client of the HTTP API, with a key of its own. */
export interface Client {
  url: string
  key: NewKey
  fetch: typeof globalThis.fetch
}

const keyLifetimeMs = 7 * 86_400_000
const stopSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * Runs `work` against the server of the data folder, or against a temporary server in this process if none runs. The
 * key is removed at the end, also after a signal, and expires if the process is killed before.
 */
export async function withClient<T>(
  config: Config,
  options: { account: string; makesAccount: boolean; scopes: string[]; purpose: string },
  work: (client: Client) => Promise<T>,
): Promise<T> {
  if (!options.makesAccount) requireFolder(config)
  const server = await findServer(config.dataDirectory)
  const opened = server ? await openRunning(config, server.url) : await openOwn(config)
  try {
    if (!options.makesAccount) await requireAccount(opened.control, config, options.account)
    const key = await issueKey(opened.control, {
      account: options.account,
      scopes: options.scopes,
      name: options.purpose,
      expiresAt: new Date(Date.now() + keyLifetimeMs),
    })
    const stop = awaitStop()
    try {
      // Stopped work ends by itself, because its key is no longer valid.
      return await Promise.race([work({ url: opened.url, key, fetch: localFetch(opened.url, config) }), stop.signalled])
    } finally {
      stop.ignore()
      await removeOwn(opened.control, key)
    }
  } finally {
    await opened.close()
  }
}

/** Fails when a signal asks the command to end. */
function awaitStop(): { signalled: Promise<never>; ignore(): void } {
  const { promise, reject } = Promise.withResolvers<never>()
  const stop = () => reject(new CommandError('Stopped.'))
  for (const signal of stopSignals) process.once(signal, stop)
  return {
    signalled: promise,
    ignore: () => {
      for (const signal of stopSignals) process.off(signal, stop)
    },
  }
}

interface Opened {
  url: string
  control: Control
  close(): Promise<void>
}

async function openRunning(config: Config, url: string): Promise<Opened> {
  const healthy = await localFetch(
    url,
    config,
  )(`${url}/health`).then(
    (answer) => answer.ok,
    () => false,
  )
  if (!healthy) throw new CommandError(`The server at ${url} does not answer; "earshot doctor" may say why.`)
  const control = await openControl(config, commandLog(config))
  return { url, control, close: () => control.close() }
}

async function openOwn(config: Config): Promise<Opened> {
  const own: Config = {
    ...config,
    host: '127.0.0.1',
    port: 0,
    tlsCertificate: '',
    tlsKey: '',
    rateLimit: 0,
    publicUrl: '',
  }
  const ports = await openPorts(own, commandLog(config), endLost)
  const server = await buildServer(ports, surfaces).catch((error: unknown) => closeAfter(ports, error))
  const url = await listen(server, own).catch((error: unknown) => closeAfter(ports, error, server))
  ports.jobs.start()
  return {
    url,
    control: ports,
    async close() {
      await closeServer(server, 0)
      await ports.close()
    },
  }
}

async function closeAfter(ports: Ports, error: unknown, server?: FastifyInstance): Promise<never> {
  if (server) await closeServer(server, 0)
  await ports.close()
  throw error
}

async function requireAccount(control: Control, { dataDirectory, databaseUrl }: Config, name: string): Promise<void> {
  const accounts = await listAccounts(control)
  if (accounts.some((account) => account.name === name)) return
  const place = databaseUrl === '' ? `the data folder ${dataDirectory}` : 'the database of EARSHOT_DATABASE_URL'
  throw new CommandError(
    `There is no account ${JSON.stringify(name)} in ${place}; "earshot accounts list" shows all, "earshot keys create" makes a new one.`,
  )
}

async function removeOwn(control: Control, key: NewKey): Promise<void> {
  const account = (await listAccounts(control)).find(({ name }) => name === key.account)
  if (account) await removeKey(systemControl(control, account.id), { keyId: key.id })
}
