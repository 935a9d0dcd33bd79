import { copyFile, realpath, stat, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Client } from 'pg'
import type { Logger } from 'pino'
import { AppError, messageOf } from '../../errors.ts'
import { makeDataFolder, prepareBinaries, type Binaries, type RunMode } from './embeddedPostgresBinaries.ts'
import {
  checkVersion,
  findPostmaster,
  initialise,
  isPostmaster,
  port,
  removeSocketFolder,
  startServer,
  user,
  type DatabasePaths,
} from './embeddedPostgresServer.ts'
import { newClient, socketOf, type ConnectionOptions } from './postgres.ts'

/** The embedded database for one process. */
export interface EmbeddedPostgres {
  options: ConnectionOptions
  /** To be called when the process has closed its connections: stops the database if no other process uses it. */
  stopIfUnused(): Promise<void>
}

type Log = Pick<Logger, 'info' | 'warn'>

/** The connection that counts this process as present, or the reason to try again. */
type Attempt = { client: Client; options: ConnectionOptions } | { reason: string; starting: boolean }

const presenceName = `earshot presence ${process.pid}`
const leavingName = 'earshot leaving'
/** The lock that serialises arriving and leaving processes: "arrive" in ASCII, shortened to 31 bits. */
const doorLock = 0x61727276
const maxStartMs = 30_000
const maxRecoveryMs = 15 * 60_000
const maxStopMs = 60_000
const maxFailedStarts = 3
/** The pause between two tries to restart the database. */
const retryMs = 1_000
const maxLogBytes = 8 * 1024 * 1024

/**
 * The embedded PostgreSQL of a data folder: found running (also as the orphan of a killed process), or made and
 * started. Any number of processes may call this at once. While the process uses it, one connection of its own
 * counts it as present, so that no other process stops the database; when that breaks, the database is started again.
 */
export async function ensureEmbeddedPostgres(
  dataDirectory: string,
  log: Log,
  runMode?: RunMode,
): Promise<EmbeddedPostgres> {
  const binaries = await prepareBinaries(runMode)
  await makeDataFolder(binaries, dataDirectory)
  const paths = pathsIn(await realpath(dataDirectory))
  await initialise(binaries, paths)
  await checkVersion(paths)
  await boundLog(paths)
  const leaving = new AbortController()
  let { client, options } = await arrive(binaries, paths, log)
  let reviving: Promise<void> = Promise.resolve()
  watch()

  /** Any process that uses the database restarts it when it dies. */
  function watch(): void {
    client.once('end', () => {
      if (!leaving.signal.aborted) reviving = revive()
    })
  }

  async function revive(): Promise<void> {
    log.warn({}, 'the embedded PostgreSQL is gone; it is started again')
    for (;;) {
      try {
        const arrived = await arrive(binaries, paths, log, leaving.signal)
        client = arrived.client
        // The socket may be in another folder than before; new connections read its location here.
        Object.assign(options, arrived.options)
        log.info({}, 'the embedded PostgreSQL is back')
        return watch()
      } catch (error) {
        if (leaving.signal.aborted) return
        log.warn({ reason: messageOf(error) }, 'the embedded PostgreSQL cannot be started again; trying on')
        await pause(retryMs, undefined, { signal: leaving.signal }).catch(() => {})
      }
    }
  }

  const bounding = setInterval(() => void boundLog(paths).catch(() => {}), 60_000).unref()
  return {
    options,
    stopIfUnused: async () => {
      clearInterval(bounding)
      leaving.abort()
      await reviving
      await leave(client, paths, log)
    },
  }
}

function pathsIn(dataDirectory: string): DatabasePaths {
  return {
    folder: join(dataDirectory, 'postgres'),
    logFile: join(dataDirectory, 'postgres.log'),
    socketNote: join(dataDirectory, 'postgres.socket'),
  }
}

/**
 * Connects to the running server, and starts one whenever none runs, until that succeeds or the time is up. After the
 * signal is aborted it starts none.
 */
async function arrive(binaries: Binaries, paths: DatabasePaths, log: Log, signal?: AbortSignal) {
  const began = performance.now()
  let lastStarting = began
  let failedStarts = 0
  let lastTold = began
  let reason = ''
  for (;;) {
    const postmaster = await findPostmaster(paths)
    if (postmaster) {
      const attempt = await enter(postmaster.socketFolder)
      if ('client' in attempt) return attempt
      reason = attempt.reason
      if (attempt.starting) lastStarting = performance.now()
    } else {
      signal?.throwIfAborted()
      const started = await startServer(binaries, paths)
      const failure = await Promise.race([started.ended, appears(paths)])
      if (failure !== undefined) {
        reason = failure
        // A start does not count as failed when another process started the server first.
        if (!(await findPostmaster(paths)) && ++failedStarts >= maxFailedStarts) break
      }
    }
    const now = performance.now()
    if (now - lastStarting > maxStartMs || now - began > maxRecoveryMs) break
    if (now - lastTold > 5_000) {
      lastTold = now
      log.info({ reason }, 'waiting for the embedded PostgreSQL')
    }
    await pause(20)
  }
  throw new AppError(
    'UNAVAILABLE',
    `The embedded PostgreSQL in ${paths.folder} cannot be used: ${reason || 'it does not start'}. See ${paths.logFile}.`,
  )
}

/** Waits until a postmaster appears, for as long as a start may take. */
async function appears(paths: DatabasePaths): Promise<undefined> {
  const deadline = performance.now() + maxStartMs
  while (performance.now() < deadline && !(await findPostmaster(paths))) await pause(10)
}

/** Connects and counts as present; waits while another process decides whether to stop the server. */
async function enter(socketFolder: string): Promise<Attempt> {
  // The lock file names the socket only when it exists; an empty host would mean the network.
  if (socketFolder === '') return { reason: 'it is just starting', starting: true }
  const options: ConnectionOptions = { host: socketFolder, port, user, database: 'postgres' }
  const client = newClient(options, presenceName)
  try {
    await client.connect()
    await client.query('SELECT pg_advisory_lock_shared($1)', [doorLock])
    await client.query('SELECT pg_advisory_unlock_shared($1)', [doorLock])
    // A connection that only shows presence must not keep the process from ending.
    socketOf(client).unref()
    return { client, options }
  } catch (error) {
    await client.end().catch(() => {})
    // cannot_connect_now: the server is starting, recovering or stopping, which may take a while.
    const starting = (error as { code?: string }).code === '57P03'
    return { reason: messageOf(error), starting }
  }
}

/** Stops the server unless others use it. A process that arrives meanwhile waits for the lock and starts it again. */
async function leave(client: Client, paths: DatabasePaths, log: Log): Promise<void> {
  socketOf(client).ref()
  try {
    await client.query('SELECT pg_advisory_lock($1)', [doorLock])
    await client.query(`SET application_name = '${leavingName}'`)
    if (!(await isUsed(client))) await stopServer(paths, log)
  } catch (error) {
    // The connection and the server are gone, or something else is stopping the server.
    log.warn({ reason: messageOf(error) }, 'the embedded PostgreSQL was not stopped')
  } finally {
    await client.end().catch(() => {})
  }
}

/** Whether other processes are present, or other connections stay longer than a closed one needs to disappear. */
async function isUsed(client: Client): Promise<boolean> {
  const deadline = performance.now() + 1_000
  for (;;) {
    const { rows } = await client.query<{ present: number; others: number }>(
      `SELECT count(*) FILTER (WHERE application_name LIKE 'earshot presence %')::integer AS present,
              count(*)::integer AS others
       FROM pg_stat_activity
       WHERE backend_type = 'client backend'
         AND pid <> pg_backend_pid()
         AND application_name <> $1`,
      [leavingName],
    )
    const counted = rows[0]
    if (!counted || counted.others === 0) return false
    if (counted.present > 0 || performance.now() > deadline) return true
    await pause(20)
  }
}

/** A fast shutdown: it ends all sessions, writes everything and removes the lock files. */
async function stopServer(paths: DatabasePaths, log: Log): Promise<void> {
  const postmaster = await findPostmaster(paths)
  if (!postmaster) return
  process.kill(postmaster.pid, 'SIGINT')
  const deadline = performance.now() + maxStopMs
  while (await isPostmaster(postmaster.pid, paths.folder)) {
    if (performance.now() > deadline) {
      log.warn({ pid: postmaster.pid }, 'the embedded PostgreSQL takes long to stop; it is left to finish')
      return
    }
    await pause(10)
  }
  await removeSocketFolder(paths)
}

/** Keeps the log of the server to two files of bounded size; the server writes at its end, so cutting it is safe. */
async function boundLog({ logFile }: DatabasePaths): Promise<void> {
  const found = await stat(logFile).catch(() => undefined)
  if (!found || found.size < maxLogBytes) return
  await copyFile(logFile, `${logFile}.1`)
  await truncate(logFile)
}
