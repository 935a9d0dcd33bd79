import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import manifest from '../../../package.json' with { type: 'json' }
import type { Ports } from '../../ports.ts'
import type { Config } from '../../config.ts'
import { AppError } from '../../errors.ts'
import { sql, sqlScript, type Queryable } from '../../store/postgres/postgres.ts'
import { masterKeyId } from '../../store/secrets/secrets.ts'
import { beginBackup, type BackupFolder } from './backupFolder.ts'
import { readLines, readSequences, readTables, setSameText, sumOfTable } from './controlTables.ts'
import { requireSoundParts } from './damagedParts.ts'
import {
  freezeTables,
  frozenFolder,
  partsIn,
  readCallTables,
  removeFrozen,
  rowsOfPart,
  type CallTable,
} from './frozenTables.ts'
import { formatVersion, type Manifest } from './manifest.ts'
import { masterKeyOf, watchMasterKeys } from './masterKey.ts'

export interface BackupProgress {
  doneBytes: number
  totalBytes: number
}

export interface BackupRequest {
  /** The folder to create. */
  target: string
  signal?: AbortSignal
  onProgress?: (progress: BackupProgress) => void
}

/** Files of a data folder that are copied unchanged. */
const plainFiles = ['master.key', 'demo-key.json']

/** Refuses external database servers, because their own backup tools do it better. */
export function requireEmbedded(config: Pick<Config, 'clickhouseUrls' | 'databaseUrl'>): void {
  if (config.clickhouseUrls.length === 0 && config.databaseUrl === '') return
  throw new AppError(
    'BAD_REQUEST',
    'This backs up and restores the embedded engines only. With engines on servers use their own tools: pg_dump or physical backups for PostgreSQL first, then BACKUP for ClickHouse, while no Earshot writes; and copy the files and the master key.',
  )
}

/**
 * Backs up the whole data folder while it is in use. Commits pause for a moment: PostgreSQL's snapshot and ClickHouse's
 * frozen parts then show the same state, with everything acknowledged before. Files are copied before that moment,
 * because files in that state may be deleted afterwards, and newer ones after it. The folder gets its name when it is
 * complete and durable.
 */
export async function backUp(ports: Ports, request: BackupRequest): Promise<Manifest['counts']> {
  requireEmbedded(ports.config)
  await requireSoundParts(ports.config.dataDirectory, ports.clickhouse)
  const requireSameKeys = watchMasterKeys(ports.config)
  const progress = { doneBytes: 0, totalBytes: 0 }
  const folder = await beginBackup(request.target, {
    signal: request.signal,
    onBytes: (bytes) => {
      progress.doneBytes += bytes
      request.onProgress?.(progress)
    },
  })
  const id = randomBytes(6).toString('hex')
  const clickhouseFolder = join(ports.config.dataDirectory, 'clickhouse')
  const files = join(ports.config.dataDirectory, 'files')
  const copied = new Set<string>()
  try {
    progress.totalBytes = await sizeOf([files])
    await copyTree(folder, files, 'files', copied)
    await removeFrozen(clickhouseFolder)
    const tables = await readCallTables(ports.clickhouse)
    const control = await ports.postgres.transaction((tx) =>
      takeControl(ports, tx, folder, () => freezeTables(ports.clickhouse, tables, id)),
    )
    await copyTree(folder, files, 'files', copied)
    const frozen = tables.map((table) => ({ ...table, folder: frozenFolder(clickhouseFolder, table, id) }))
    progress.totalBytes = progress.doneBytes + (await sizeOf(frozen.map((table) => table.folder)))
    const clickhouse = await copyParts(folder, frozen)
    await copyPlainFiles(ports.config, folder)
    requireSameKeys()
    const counts = { postgres: control.counts, clickhouse }
    await folder.finish({
      format: formatVersion,
      version: manifest.version,
      createdAt: new Date(ports.now()).toISOString(),
      masterKeyId: masterKeyId(masterKeyOf(ports.config)),
      migrations: control.migrations,
      counts,
      rowSums: control.rowSums,
      sequences: control.sequences,
    })
    return counts
  } catch (error) {
    await folder.abandon()
    throw error
  } finally {
    await removeFrozen(clickhouseFolder)
  }
}

/** Freezes one state of both engines, then writes the control tables of it. */
async function takeControl(ports: Ports, tx: Queryable, folder: BackupFolder, freeze: () => Promise<void>) {
  await tx.run(sqlScript('SET TRANSACTION ISOLATION LEVEL REPEATABLE READ'))
  const release = await ports.recordLog.pause()
  let migrations: { store: string; name: string }[]
  try {
    // The first statement of the transaction takes its snapshot.
    migrations = await tx.query(sql`SELECT store, name FROM migrations ORDER BY store, number`)
    await freeze()
  } finally {
    release()
  }
  const counts: Record<string, number> = {}
  const rowSums: Record<string, string> = {}
  await setSameText(tx)
  for (const table of await readTables(tx)) {
    await folder.write(join('postgres', `${table.name}.ndjson`), readLines(tx, table))
    const { rows, sum } = await sumOfTable(tx, table)
    counts[table.name] = rows
    rowSums[table.name] = sum
  }
  const namesOf = (store: string) => migrations.filter((entry) => entry.store === store).map((entry) => entry.name)
  return {
    counts,
    rowSums,
    sequences: await readSequences(tx),
    migrations: { postgres: namesOf('postgres'), clickhouse: namesOf('clickhouse') },
  }
}

async function copyParts(folder: BackupFolder, tables: readonly CallTable[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const table of tables) {
    counts[table.name] = 0
    for (const part of await partsIn(table.folder)) {
      counts[table.name] = (counts[table.name] ?? 0) + (await rowsOfPart(table.folder, part))
      await copyTree(folder, join(table.folder, part), join('clickhouse', table.name, part))
    }
  }
  return counts
}

async function copyPlainFiles(config: Config, folder: BackupFolder): Promise<void> {
  for (const name of plainFiles) {
    // A master key from the environment is not copied; a key file beside it is an outdated one.
    if (name === 'master.key' && config.masterKey !== '') continue
    await folder.copy(join(config.dataDirectory, name), name)
  }
}

/** Lists every file below `from` that was not copied before. */
async function copyTree(folder: BackupFolder, from: string, to: string, copied = new Set<string>()): Promise<void> {
  for await (const path of filesBelow(from)) {
    if (copied.has(path)) continue
    copied.add(path)
    await folder.copy(path, join(to, relative(from, path)).split(sep).join('/'))
  }
}

async function sizeOf(folders: readonly string[]): Promise<number> {
  let bytes = 0
  for (const folder of folders) {
    for await (const path of filesBelow(folder)) bytes += (await stat(path).catch(() => undefined))?.size ?? 0
  }
  return bytes
}

/** Lists every file below a folder except hidden ones, which are still being written. */
async function* filesBelow(folder: string): AsyncGenerator<string> {
  if (!existsSync(folder)) return
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.name.startsWith('.')) continue
    if (entry.isDirectory()) yield* filesBelow(path)
    else if (entry.isFile()) yield path
  }
}
