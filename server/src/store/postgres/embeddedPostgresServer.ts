import { execFile, spawn } from 'node:child_process'
import { link, mkdtemp, open, readdir, readFile, rename, rm, rmdir, stat, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { AppError, messageOf } from '../../errors.ts'
import { commandFor, ensureOwner, runProgram, type Binaries } from './embeddedPostgresBinaries.ts'
import { syncFolder } from '../files/syncFolder.ts'

/** The paths of one embedded database. `folder` is a real path, because processes compare it. */
export interface DatabasePaths {
  folder: string
  logFile: string
  /** The file that names the socket's folder when that is not the database's own. */
  socketNote: string
}

/** A running postmaster, from its lock file. */
export interface Postmaster {
  pid: number
  socketFolder: string
}

export const port = 5432
export const user = 'earshot'
const majorVersion = '18'
const socketName = `.s.PGSQL.${port}`
/** 108 bytes with the closing zero on Linux, 104 on macOS. */
const maxSocketPathBytes = 103
/** A pid that no process can have (Linux ends at 4194304), so that PostgreSQL treats the lock file as stale. */
const impossiblePid = 2_147_483_646

/** Settings of the embedded database, on the command line so that a new version of Earshot brings its own. */
const serverSettings: Record<string, string> = {
  listen_addresses: '',
  port: String(port),
  unix_socket_permissions: '0700',
  max_connections: '100',
  shared_buffers: '96MB',
  fsync: 'on',
  synchronous_commit: 'on',
  wal_compression: 'on',
  min_wal_size: '32MB',
  max_wal_size: '256MB',
  checkpoint_timeout: '10min',
  max_parallel_workers_per_gather: '0',
  io_method: 'sync',
  jit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // A statement whose client was killed must not go on and hold its locks.
  client_connection_check_interval: '5s',
  // Errors reach the program anyway; in this log they could show personal data.
  log_min_messages: 'log',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_checkpoints: 'off',
}

/** Creates the database when there is none: in a temporary folder that is renamed when it is complete. */
export async function initialise(binaries: Binaries, { folder }: DatabasePaths): Promise<void> {
  await removeHalfMade(folder)
  if (await exists(join(folder, 'PG_VERSION'))) return
  await refuseForeignFolder(folder)
  let half = ''
  try {
    half = await mkdtemp(`${folder}.initdb-${process.pid}-`)
    await ensureOwner(binaries, half)
    await runProgram(binaries, binaries.initdb, [
      `--pgdata=${half}`,
      `--username=${user}`,
      '--auth=trust',
      '--encoding=UTF8',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--locale=C',
      '--no-instructions',
    ])
    await rename(half, folder)
    await syncFolder(dirname(folder))
  } catch (error) {
    if (half !== '') await rm(half, { recursive: true, force: true })
    // Another process that starts at the same time was first.
    if (await exists(join(folder, 'PG_VERSION'))) return
    throw new AppError('UNAVAILABLE', `The database cannot be made in ${folder}: ${messageOf(error).trim()}`, {
      cause: error,
    })
  }
}

/** Refuses a database that another major version of PostgreSQL made. */
export async function checkVersion({ folder }: DatabasePaths): Promise<void> {
  const version = (await readFile(join(folder, 'PG_VERSION'), 'utf8')).trim()
  if (version === majorVersion) return
  throw new AppError(
    'CONFLICT',
    `The database in ${folder} was made by PostgreSQL ${version}, this version of Earshot has PostgreSQL ${majorVersion}; start the Earshot that made it, or move the data with that version's pg_dump.`,
  )
}

/** The postmaster that serves this folder, if one runs; also one whose parent was killed. */
export async function findPostmaster({ folder }: DatabasePaths): Promise<Postmaster | undefined> {
  const lines = (await readFile(join(folder, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n')
  const pid = Number(lines[0])
  if (!Number.isSafeInteger(pid) || pid <= 0 || !(await isPostmaster(pid, folder))) return undefined
  return { pid, socketFolder: lines[4] ?? '' }
}

/**
 * Starts the postmaster in a session of its own, so that Ctrl-C reaches Earshot only. Two at once are harmless:
 * PostgreSQL's own lock file lets one through. Gives a promise of its end, with the last lines of its log.
 */
export async function startServer(binaries: Binaries, paths: DatabasePaths): Promise<{ ended: Promise<string> }> {
  await ensureOwner(binaries, paths.folder)
  await releaseReusedPid(paths.folder)
  const socketFolder = await chooseSocketFolder(binaries, paths)
  const settings = { ...serverSettings, unix_socket_directories: `"${socketFolder.replaceAll('"', '""')}"` }
  const programArguments = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const command = commandFor(binaries, binaries.postgres, ['-D', paths.folder, ...programArguments])
  const log = await open(paths.logFile, 'a', 0o600)
  try {
    const { size } = await log.stat()
    const child = spawn(command.file, command.arguments, {
      ...command.options,
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    })
    child.unref()
    const ended = new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(messageOf(error)))
      child.once('exit', () => void lastLines(paths.logFile, size).then(resolve))
    })
    return { ended }
  } finally {
    await log.close()
  }
}

/** Removes the private folder of the socket after a clean stop. */
export async function removeSocketFolder({ socketNote }: DatabasePaths): Promise<void> {
  const noted = await readFile(socketNote, 'utf8').catch(() => '')
  if (noted === '') return
  await unlink(socketNote).catch(() => {})
  await rmdir(noted).catch(() => {})
}

/**
 * After a crash or reboot the pid in a lock file may belong to some other process; PostgreSQL then refuses to start.
 * The pid is replaced rather than the file removed, so that PostgreSQL still makes its other check, for processes
 * of the old server that are left.
 */
async function releaseReusedPid(folder: string): Promise<void> {
  const lockFile = join(folder, 'postmaster.pid')
  const text = await readFile(lockFile, 'utf8').catch(() => '')
  const pid = Number.parseInt(text, 10)
  if (!isAlive(pid) || (await isPostmaster(pid, folder))) return
  const aside = `${lockFile}.${process.pid}`
  // Only one of several processes can move the file.
  const moved = await rename(lockFile, aside).then(
    () => true,
    () => false,
  )
  if (!moved) return
  const current = await readFile(aside, 'utf8')
  // If a server has started at this moment, restore its file.
  if (current === text) await writeFile(aside, text.replace(/^\d+/, String(impossiblePid)))
  await link(aside, lockFile).catch(() => {})
  await unlink(aside)
  const socketFolder = text.split('\n')[4]
  if (current === text && socketFolder) await rm(join(socketFolder, `${socketName}.lock`), { force: true })
}

function isAlive(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/**
 * Whether the process is a postmaster of this folder: its command line says so, which only other systems need `ps` for.
 */
export async function isPostmaster(pid: number, folder: string): Promise<boolean> {
  if (process.platform === 'linux') {
    const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0')
    return basename(words[0] ?? '') === 'postgres' && words[words.indexOf('-D') + 1] === folder
  }
  const { stdout } = await promisify(execFile)('ps', ['-ww', '-o', 'command=', '-p', String(pid)]).catch(() => ({
    stdout: '',
  }))
  return stdout.includes('/postgres -D ') && stdout.includes(` ${folder} `)
}

/** The database's own folder if the socket's path fits into the system's limit, else a private temporary one. */
async function chooseSocketFolder(binaries: Binaries, { folder, socketNote }: DatabasePaths): Promise<string> {
  if (fits(folder)) return folder
  const noted = await readFile(socketNote, 'utf8').catch(() => '')
  if (noted !== '' && fits(noted) && (await isPrivate(noted, binaries.owner.uid))) return noted
  for (const parent of [process.env['XDG_RUNTIME_DIR'], tmpdir(), '/tmp']) {
    const made = parent ? await mkdtemp(join(parent, 'earshot-')).catch(() => '') : ''
    if (made !== '' && fits(made)) {
      await ensureOwner(binaries, made)
      await writeFile(socketNote, made, { mode: 0o600 })
      return made
    }
    if (made !== '') await rmdir(made)
  }
  throw new AppError(
    'UNAVAILABLE',
    `The path of ${folder} is too long for a socket and no temporary folder can be written; choose a shorter EARSHOT_DATA_DIR.`,
  )
}

function fits(folder: string): boolean {
  return Buffer.byteLength(join(folder, `${socketName}.lock`)) <= maxSocketPathBytes
}

async function isPrivate(folder: string, uid: number): Promise<boolean> {
  const found = await stat(folder).catch(() => undefined)
  return found?.isDirectory() === true && found.uid === uid && (found.mode & 0o077) === 0
}

/** Removes the unfinished database folders of killed processes. */
async function removeHalfMade(folder: string): Promise<void> {
  const prefix = `${basename(folder)}.initdb-`
  for (const entry of await readdir(dirname(folder))) {
    if (!entry.startsWith(prefix) || isAlive(Number.parseInt(entry.slice(prefix.length), 10))) continue
    await rm(join(dirname(folder), entry), { recursive: true, force: true })
  }
}

async function refuseForeignFolder(folder: string): Promise<void> {
  const entries = await readdir(folder).catch(() => [])
  if (entries.length === 0) return
  throw new AppError(
    'CONFLICT',
    `The folder ${folder} holds files but no database; move them away or choose another EARSHOT_DATA_DIR.`,
  )
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  )
}

async function lastLines(logFile: string, from: number): Promise<string> {
  const text = await readFile(logFile, 'utf8').catch(() => '')
  return Buffer.from(text).subarray(from).toString().trim().split('\n').slice(-5).join('\n')
}
