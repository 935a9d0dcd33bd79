import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import type { Logger } from 'pino'
import { openPorts } from '../compose.ts'
import { loadConfig, type Config } from '../config.ts'
import { keepsFiles } from '../features/migrateStore/moveFiles.ts'
import { readMoveKeys, type MoveKeys } from '../features/migrateStore/moveKeys.ts'
import { moveStore, type MoveResult } from '../features/migrateStore/moveStore.ts'
import { openTarget, requireServers, type OpenedTarget } from '../features/migrateStore/openTarget.ts'
import { isSame, type MoveProgress, type MoveSource } from '../features/migrateStore/storeMove.ts'
import { checkMove, surveyMove, type Survey } from '../features/migrateStore/surveyMove.ts'
import { CommandError } from './failure.ts'
import { MasterKeyError } from '../store/secrets/masterKeys.ts'
import { print, printJson, printTable, progressLine } from './output.ts'
import { findServer } from './serveFile.ts'
import { createShutdown } from './shutdown.ts'
import { commandLog } from './withControl.ts'

interface MigrateStoreOptions {
  from: string
  check?: boolean
  json?: boolean
}

/** The two sides of a move and the signal that stops it. */
interface Opened {
  source: MoveSource
  target: OpenedTarget
  keys: MoveKeys
  signal: AbortSignal
}

/** Moves an embedded data folder to the servers of the settings, or resumes an earlier run. */
export async function migrateStoreCommand(options: MigrateStoreOptions): Promise<void> {
  const config = loadConfig()
  requireServers(config)
  const folder = resolve(options.from)
  await requireIdleFolder(folder)
  const keys = readMoveKeys(config, folder)
  const log = commandLog(config)
  const stop = stopper(log)
  try {
    await withBoth({ config: { ...config, masterKey: keys.text }, folder, log, stop }, (both) =>
      options.check ? check({ ...both, keys }, options) : move({ ...both, keys }, options),
    )
  } catch (error) {
    throw stop.signal.aborted ? stop.signal.reason : error
  }
}

async function requireIdleFolder(folder: string): Promise<void> {
  const isDataFolder = ['postgres/PG_VERSION', 'clickhouse'].every((name) => existsSync(join(folder, name)))
  if (!isDataFolder) {
    throw new CommandError(
      `--from is ${JSON.stringify(folder)}; it must be a data folder with embedded engines, the EARSHOT_DATA_DIR of the server that is moved.`,
    )
  }
  const server = await findServer(folder)
  if (server) {
    throw new CommandError(`The data folder ${folder} is in use by the server with pid ${server.pid}; stop it first.`)
  }
}

interface Stopper {
  signal: AbortSignal
  stop: (message: string) => void
}

/** Aborts the move on a signal, or when a store is lost. */
function stopper(log: Logger): Stopper {
  const lost = new AbortController()
  const stop = (message: string) => lost.abort(new CommandError(message))
  createShutdown(log).signal.addEventListener('abort', () =>
    stop('Stopped. The folder is as it was; the same command goes on where this one ended.'),
  )
  return { signal: lost.signal, stop }
}

async function withBoth(
  { config, folder, log, stop: { signal, stop } }: { config: Config; folder: string; log: Logger; stop: Stopper },
  work: (both: Omit<Opened, 'keys'>) => Promise<void>,
): Promise<void> {
  const target = await openTarget(config, log, () => stop('The connection to the target was lost; run it again.'))
  try {
    const source = await openPorts(embedded(config, folder), log, () =>
      stop(`The data folder ${folder} was lost: another Earshot took it. Run the command again.`),
    ).catch((error: unknown) => {
      throw error instanceof MasterKeyError ? new CommandError(otherKey(config, folder)) : error
    })
    try {
      await work({ source, target, signal })
    } finally {
      await source.close()
    }
  } finally {
    await target.close()
  }
}

function otherKey({ dataDirectory }: Config, folder: string): string {
  return `The target's master key does not open what the folder keeps; set EARSHOT_MASTER_KEY to what ${join(folder, 'master.key')} holds, or copy that file to ${join(dataDirectory, 'master.key')}.`
}

/** The settings for the old folder, with its embedded engines and files. */
function embedded(config: Config, folder: string): Config {
  const servers = { clickhouseUrls: [], clickhouseCluster: '', databaseUrl: '', files: '' }
  return { ...config, ...servers, dataDirectory: folder }
}

async function check({ source, target, keys }: Opened, options: MigrateStoreOptions): Promise<void> {
  const survey = await surveyMove({ source, target })
  if (options.json) return printJson({ from: source.config.dataDirectory, masterKeyId: keys.id, ...survey })
  printTable(
    ['TABLE', 'WHAT', 'STORED ROWS'],
    survey.tables.filter(({ rows }) => rows > 0).map(({ table, kind, rows }) => [table, kind, numeral(rows)]),
  )
  print(`\nThe master key ${keys.id} opens everything. ${standing(survey)}`)
}

function standing({ state }: Survey): string {
  if (state.state === 'complete') return `The folder was moved on ${state.at.toISOString()}; there is nothing to do.`
  return state.state === 'under way'
    ? 'The move is under way: without --check the command goes on with it.'
    : 'The target is empty: without --check the command moves the folder.'
}

async function move({ source, target, keys, signal }: Opened, options: MigrateStoreOptions): Promise<void> {
  const state = await checkMove({ source, target })
  const from = source.config.dataDirectory
  if (state.state === 'complete') {
    if (options.json) return printJson({ from, ...state, tables: [] })
    return print(`The folder ${from} was moved on ${state.at.toISOString()}; there is nothing to do.`)
  }
  keys.carryOver()
  const progress = progressLine()
  const result = await moveStore({
    source,
    target,
    signal,
    onProgress: (where) => progress.show(describe(where)),
  }).finally(() => progress.end())
  if (options.json)
    printJson({ from, state: result.failure === '' ? 'complete' : 'differs', tables: result.comparisons })
  else printResult(result)
  if (result.failure !== '') throw new CommandError(result.failure)
  if (!options.json) printNextSteps({ source, target, keys, signal })
}

const barWidth = 24

/** The progress line: figures, with a bar in a terminal. */
function describe({ step, what, done, total }: MoveProgress): string {
  const share = total === 0 ? 1 : done / total
  const filled = Math.round(share * barWidth)
  const bar = process.stderr.isTTY ? `[${'#'.repeat(filled)}${'.'.repeat(barWidth - filled)}] ` : ''
  return `${bar}${Math.floor(share * 100)} % ${step}: ${numeral(done)} of ${numeral(total)} (${what})`
}

function printResult({ comparisons }: MoveResult): void {
  printTable(
    ['TABLE', 'WHAT', 'IN THE FOLDER', 'ON THE SERVERS', 'CHECKSUMS', ''],
    comparisons
      .filter((compared) => compared.sourceRows + compared.targetRows > 0)
      .map((compared) => [
        compared.table,
        compared.kind,
        numeral(compared.sourceRows),
        numeral(compared.targetRows),
        `${compared.sourceChecksum} ${compared.targetChecksum}`,
        isSame(compared) ? 'same' : 'DIFFERS',
      ]),
  )
}

function printNextSteps({ source, target, keys }: Opened): void {
  const from = source.config.dataDirectory
  const ending = keepsFiles({ source, target })
    ? `Keep its folders postgres and clickhouse until the new servers have served for a while and are backed up. The rest is in use.`
    : `Keep ${from} until the new servers have served for a while and are backed up; then remove it.`
  print(`
${from} is moved: every count and every checksum is the same on both sides.
  1. Start the new server with these settings: earshot serve
     Each of its processes needs the master key ${keys.id}, which is in ${keys.place}.
  2. Never serve from the engines in ${from} again: both would send the same webhooks, and go separate ways.
  3. ${ending}`)
}

function numeral(value: number): string {
  return value.toLocaleString('en')
}
