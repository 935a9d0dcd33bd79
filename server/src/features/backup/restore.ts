import { copyFile, mkdir, mkdtemp, readdir, realpath, rename, rm } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Logger } from 'pino'
import type { Config } from '../../config.ts'
import { AppError } from '../../errors.ts'
import type { ClickHouse } from '../../store/clickhouse/clickhouse.ts'
import { openEmbeddedClickHouse } from '../../store/clickhouse/embeddedClickHouse.ts'
import { ensureEmbeddedPostgres } from '../../store/postgres/embeddedPostgres.ts'
import { findPostmaster } from '../../store/postgres/embeddedPostgresServer.ts'
import { migrateClickHouse, migratePostgres } from '../../store/migrate.ts'
import { openPostgres, sql, sqlScript, type Postgres } from '../../store/postgres/postgres.ts'
import { masterKeyId } from '../../store/secrets/secrets.ts'
import { requireEmbedded } from './backUp.ts'
import { loadTable, readTables, restoreSequences, setSameText, sumOfTable } from './controlTables.ts'
import { copyFolder } from './copyFolder.ts'
import { partsIn, readCallTables } from './frozenTables.ts'
import { readManifest, verifySums, type Manifest } from './manifest.ts'
import { masterKeyOf } from './masterKey.ts'

/**
 * The folder in which a restore is built: inside the data folder, which may be a mount, and hidden until it is
 * complete.
 */
const buildFolder = '.restoring'
const migrationsFolder = join(import.meta.dirname, '..', '..', 'store', 'migrations')

export interface RestoreRequest {
  source: string
  /** Moves the contents of the data folder into a subfolder instead of refusing. */
  force: boolean
  log: Logger
  onProgress?: (phase: 'checking' | 'loading', doneBytes: number, totalBytes: number) => void
}

/** The result of a restore, and where earlier contents were moved. */
export interface Restored {
  manifest: Manifest
  movedTo: string | undefined
}

/**
 * Creates a data folder from a backup: checks every checksum, loads both engines with the schema of the backup's
 * version, migrates them to this version, and compares every row and file. Until then the data folder is unchanged.
 */
export async function restore(config: Config, request: RestoreRequest): Promise<Restored> {
  requireEmbedded(config)
  const manifest = await readManifest(request.source)
  await refuseUnknownMigrations(manifest)
  const there = (await readdir(config.dataDirectory).catch(() => [])).filter((name) => name !== buildFolder)
  if (there.length > 0 && !request.force) {
    throw new AppError(
      'CONFLICT',
      `The data folder ${config.dataDirectory} is not empty; choose another with EARSHOT_DATA_DIR, or move its contents aside with --force.`,
    )
  }
  await stopOrphan(config, request.log)
  let done = 0
  const report = (phase: 'checking' | 'loading', bytes: number) =>
    request.onProgress?.(phase, (done += bytes), manifest.bytes)
  await verifySums(request.source, manifest, (bytes) => report('checking', bytes))
  const build = join(config.dataDirectory, buildFolder)
  await rm(build, { recursive: true, force: true })
  await mkdir(build, { recursive: true, mode: 0o700 })
  try {
    done = 0
    await placeMasterKey(config, request.source, build, manifest)
    await loadEngines(build, { config, manifest, request, onBytes: (bytes) => report('loading', bytes) })
    const files = join(request.source, 'files')
    if (existsSync(files)) await copyFolder(files, join(build, 'files'), (bytes) => report('loading', bytes))
    const movedTo = there.length > 0 ? await moveAside(config.dataDirectory, there) : undefined
    await publish(build, config.dataDirectory)
    return { manifest, movedTo }
  } finally {
    await rm(build, { recursive: true, force: true })
  }
}

/** Stops the database of a killed server, which may still run in the folder and must not while its files are moved. */
async function stopOrphan({ dataDirectory }: Config, log: Logger): Promise<void> {
  const folder = join(dataDirectory, 'postgres')
  if (!existsSync(folder)) return
  const place = { folder: await realpath(folder), logFile: '', socketNote: '' }
  if (!(await findPostmaster(place))) return
  const engine = await ensureEmbeddedPostgres(dataDirectory, log)
  await engine.stopIfUnused()
  const postmaster = await findPostmaster(place)
  if (!postmaster) return
  throw new AppError(
    'CONFLICT',
    `The data folder ${dataDirectory} is in use by another process of Earshot (its PostgreSQL has the pid ${postmaster.pid}); end that first.`,
  )
}

/** Refuses backups of newer versions, because their data would be misread. */
async function refuseUnknownMigrations({ migrations, version }: Manifest): Promise<void> {
  for (const store of ['postgres', 'clickhouse'] as const) {
    const known = new Set(await readdir(join(migrationsFolder, store)))
    const unknown = migrations[store].find((name) => !known.has(`${name}.sql`))
    if (unknown === undefined) continue
    throw new AppError(
      'CONFLICT',
      `The backup was made by Earshot ${version} with the migration ${unknown}, which this version does not know; restore it with that version or a later one.`,
    )
  }
}

/** Refuses a wrong master key before anything is loaded, because secrets and files could not be decrypted. */
async function placeMasterKey(config: Config, source: string, build: string, manifest: Manifest): Promise<void> {
  const kept = join(source, 'master.key')
  if (existsSync(kept)) await copyFile(kept, join(build, 'master.key'))
  else if (config.masterKey === '') {
    throw new AppError(
      'BAD_REQUEST',
      `The backup holds no master key, as it came from the environment; set EARSHOT_MASTER_KEY to the key ${manifest.masterKeyId}.`,
    )
  }
  const demoKey = join(source, 'demo-key.json')
  if (existsSync(demoKey)) await copyFile(demoKey, join(build, 'demo-key.json'))
  const id = masterKeyId(masterKeyOf({ masterKey: config.masterKey, dataDirectory: build }))
  if (id === manifest.masterKeyId) return
  throw new AppError(
    'BAD_REQUEST',
    `The backup is under the master key ${manifest.masterKeyId}, but the key ${id} is configured; set EARSHOT_MASTER_KEY to the right one.`,
  )
}

interface Loading {
  config: Config
  manifest: Manifest
  request: RestoreRequest
  onBytes: (bytes: number) => void
}

async function loadEngines(build: string, loading: Loading): Promise<void> {
  const embedded = await ensureEmbeddedPostgres(build, loading.request.log)
  const postgres = await openPostgres(embedded.options, { maxConnections: 4 })
  const clickhouse = openEmbeddedClickHouse(join(build, 'clickhouse'), loading.config.clickhouseMemoryBytes)
  const former = await formerMigrations(loading.manifest)
  try {
    await migratePostgres(postgres, join(former, 'postgres'))
    await migrateClickHouse(postgres, clickhouse, { folder: join(former, 'clickhouse') })
    await loadControl(postgres, loading)
    await loadCalls(clickhouse, loading)
    await migratePostgres(postgres)
    await migrateClickHouse(postgres, clickhouse)
  } finally {
    await rm(former, { recursive: true, force: true })
    await clickhouse.close()
    await postgres.close()
    await embedded.stopIfUnused()
  }
}

/**
 * Returns a folder with the migrations of the backup's version: its rows fit those tables and are migrated from there.
 */
async function formerMigrations({ migrations }: Manifest): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'earshot-restore-'))
  for (const store of ['postgres', 'clickhouse'] as const) {
    await mkdir(join(folder, store))
    for (const name of migrations[store]) {
      await copyFile(join(migrationsFolder, store, `${name}.sql`), join(folder, store, `${name}.sql`))
    }
  }
  return folder
}

async function loadControl(postgres: Postgres, { manifest, request }: Loading): Promise<void> {
  await postgres.transaction(async (tx) => {
    // Tables are loaded one by one, so references to tables that are not loaded yet must not be checked.
    await tx.run(sqlScript('SET LOCAL session_replication_role = replica'))
    await setSameText(tx)
    for (const table of await readTables(tx)) {
      await loadTable(tx, table, join(request.source, 'postgres', `${table.name}.ndjson`))
      const { rows, sum } = await sumOfTable(tx, table)
      requireSame(table.name, 'rows', manifest.counts.postgres[table.name], rows)
      requireSame(table.name, 'the sum of hashes', manifest.rowSums[table.name] ?? sum, sum)
    }
    await restoreSequences(tx, manifest.sequences)
    // The backup contains the job that made it, which would make it again.
    await tx.run(sql`DELETE FROM jobs WHERE kind = 'backup'`)
  })
}

async function loadCalls(clickhouse: ClickHouse, { manifest, request, onBytes }: Loading): Promise<void> {
  for (const table of await readCallTables(clickhouse)) {
    const source = join(request.source, 'clickhouse', table.name)
    // A merge would change the count before it is compared.
    await clickhouse.command(`SYSTEM STOP MERGES ${table.name}`)
    for (const part of await partsIn(source)) {
      await copyFolder(join(source, part), join(table.folder, 'detached', part), onBytes)
      await clickhouse.command(`ALTER TABLE ${table.name} ATTACH PART '${part}'`)
    }
    const [counted] = await clickhouse.rows<{ rows: number }>(
      'SELECT sum(rows) AS rows FROM system.parts WHERE active AND database = currentDatabase() AND table = {table:String}',
      { table: table.name },
    )
    requireSame(table.name, 'rows', manifest.counts.clickhouse[table.name], counted?.rows)
    await clickhouse.command(`SYSTEM START MERGES ${table.name}`)
  }
}

function requireSame<T extends number | string>(table: string, what: string, expected?: T, restored?: T): void {
  if (expected === restored) return
  throw new AppError(
    'INTERNAL_ERROR',
    `The table ${table} is not what it was: ${what} after restoring: ${restored}, in the backup: ${expected}. Nothing was put into the data folder.`,
  )
}

async function moveAside(dataDirectory: string, names: readonly string[]): Promise<string> {
  const aside = join(dataDirectory, `before-restore-${new Date().toISOString().replaceAll(/[:.]/g, '-')}`)
  await mkdir(aside, { mode: 0o700 })
  for (const name of names) await rename(join(dataDirectory, name), join(aside, name))
  return aside
}

/** Moves the control database last, because a data folder without it counts as empty. */
async function publish(build: string, dataDirectory: string): Promise<void> {
  const names = await readdir(build)
  const ordered = [...names.filter((name) => name !== 'postgres'), 'postgres']
  for (const name of ordered) await rename(join(build, name), join(dataDirectory, name))
}
