import { counted } from '../../domain/amounts.ts'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Config } from '../../config.ts'
import { hasEmbeddedDatabase, openControl } from '../../control.ts'
import type { Control } from '../../ports.ts'
import { checkParts, damageRemedy, partsPutAside, type DamagedPart } from '../../features/backup/damagedParts.ts'
import { requireMasterKey } from '../../features/masterKey/requireMasterKey.ts'
import { lockDataFolder } from '../../store/dataFolder.ts'
import { openClickHouse, pendingMigrations } from '../../store/clickhouse/openClickHouse.ts'
import { prepareBinaries } from '../../store/postgres/embeddedPostgresBinaries.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { MasterKeyError } from '../../store/secrets/masterKeys.ts'
import { localFetch } from '../localFetch.ts'
import { findServer } from '../serveFile.ts'
import { commandLog } from '../withControl.ts'
import { fail, findingOf, findingsOf, ok, warn, type Finding } from './check.ts'
import { agrees, skewMs } from './clock.ts'
import { checkServers } from './servers.ts'

const oldEntrySeconds = 60

/** Checks that the packages of the embedded engines are installed and run on this machine. */
export async function checkPackages(config: Config): Promise<Finding[]> {
  const postgres = await findingOf('PostgreSQL package', async () => {
    if (config.databaseUrl !== '') return ok('PostgreSQL package', 'not needed: a server is configured')
    const { mode } = await prepareBinaries()
    return ok('PostgreSQL package', `runs (${mode})`)
  })
  const clickhouse = await findingOf('ClickHouse package', async () => {
    if (config.clickhouseUrls.length > 0) return ok('ClickHouse package', 'not needed: a server is configured')
    await import('../../store/clickhouse/embeddedClickHouse.ts')
    return ok('ClickHouse package', 'its library loads')
  })
  return [postgres, clickhouse]
}

/** All checks of the stores. If the data folder does not exist, the engines are tried in a temporary one. */
export async function checkStores(config: Config): Promise<Finding[]> {
  const isNew = config.databaseUrl === '' && !hasEmbeddedDatabase(config)
  if (!isNew) return checkOpened(config)
  const scratch = await mkdtemp(join(tmpdir(), 'earshot-doctor-'))
  try {
    return await checkOpened({ ...config, dataDirectory: scratch })
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

async function checkOpened(config: Config): Promise<Finding[]> {
  const startedAt = performance.now()
  let control: Awaited<ReturnType<typeof openControl>> | undefined
  const postgres = await findingOf('PostgreSQL', async () => {
    try {
      control = await openControl(config, commandLog({ ...config, logLevel: 'silent' }))
    } catch (error) {
      // The stores stay closed without the right key, as in the server.
      if (error instanceof MasterKeyError) return fail('master key', error.message, keyRemedy)
      throw error
    }
    const row = await control.postgres.first<{ version: string }>(
      sql`SELECT current_setting('server_version') AS version`,
    )
    return ok('PostgreSQL', `${row?.version ?? ''} answers after ${Math.round(performance.now() - startedAt)} ms`)
  })
  if (!control) return [postgres]
  const opened = control
  try {
    return [
      postgres,
      ...(config.clickhouseUrls.length > 0
        ? await checkServers(config, opened)
        : await findingsOf('ClickHouse', () => checkEmbedded(config, opened))),
      await findingOf('migrations', () => checkMigrations(config, opened)),
      await findingOf('unfinished batches', () => checkEntries(config, opened)),
      await findingOf('master key', () => checkMasterKey(opened)),
      await findingOf('clock', () => checkClock(opened)),
    ]
  } finally {
    await opened.close()
  }
}

async function checkEmbedded(config: Config, control: Control & { connection: object }): Promise<Finding[]> {
  const aside = (await partsPutAside(config.dataDirectory)).map(damaged)
  const server = await findServer(config.dataDirectory)
  if (server) {
    const answer = await localFetch(server.url, config)(`${server.url}/ready`)
    const held = answer.ok
      ? ok('ClickHouse', `held by the running server (pid ${server.pid}), which says it is ready`)
      : fail('ClickHouse', `the running server says ${await answer.text()}`, 'Look into its log.')
    return [held, ...aside]
  }
  const lock = await lockDataFolder(control.connection, {
    dataDirectory: config.dataDirectory,
    lost: () => {},
    waitMs: 0,
  })
  try {
    const { clickhouse } = await openClickHouse(config)
    try {
      const [row] = await clickhouse.rows<{ version: string }>('SELECT version() AS version')
      const opened = ok('ClickHouse', `${row?.version ?? ''} opens`)
      // The engine may move further damaged parts aside when it opens.
      const found = [...(await partsPutAside(config.dataDirectory)), ...(await checkParts(clickhouse))]
      return [opened, ...(found.length > 0 ? found.map(damaged) : [ok('call data', 'every part is as it was written')])]
    } finally {
      await clickhouse.close()
    }
  } finally {
    await lock.release()
  }
}

function damaged({ path, reason }: DamagedPart): Finding {
  return fail('call data', `${path}: ${reason}`, damageRemedy)
}

/** PostgreSQL is migrated when it opens, ClickHouse when the server starts. */
async function checkMigrations(config: Config, { postgres }: Control): Promise<Finding> {
  const missing = await pendingMigrations(config, postgres)
  if (missing.length === 0) return ok('migrations', 'all are applied')
  return missing[0]?.startsWith('0001_')
    ? ok('migrations', 'the first start applies them')
    : warn(
        'migrations',
        `of ClickHouse ${counted(missing.length, 'migration')} not applied yet`,
        'Start the server, or run "earshot migrate".',
      )
}

async function checkEntries(config: Config, { postgres }: Control): Promise<Finding> {
  const row = await postgres.first<{ open: number; seconds: number | null }>(sql`
    SELECT
      count(*)::integer AS open,
      extract(epoch FROM now() - min(created_at))::integer AS seconds
    FROM ingest_batches`)
  const open = row?.open ?? 0
  const found = open === 0 ? 'none' : `${open}, the oldest ${counted(row?.seconds ?? 0, 'second')} old`
  if (open === 0 || (row?.seconds ?? 0) < oldEntrySeconds) return ok('unfinished batches', found)
  return (await findServer(config.dataDirectory))
    ? fail('unfinished batches', found, 'The server cannot bring them into ClickHouse; its log says why.')
    : warn('unfinished batches', found, 'Nothing is lost: the next start of the server finishes them.')
}

const keyRemedy = 'Put the right master.key back from a backup, or set EARSHOT_MASTER_KEY to it.'

async function checkMasterKey({ postgres, secrets }: Control): Promise<Finding> {
  const keys = await requireMasterKey(postgres, secrets)
  return ok('master key', keys === 0 ? 'there; nothing is sealed yet' : 'there; stored secrets open')
}

/** The clocks must agree closely, because the server refuses signed requests whose time is minutes off. */
async function checkClock({ postgres }: Control): Promise<Finding> {
  const before = Date.now()
  const row = await postgres.first<{ now: Date }>(sql`SELECT clock_timestamp() AS now`)
  const after = Date.now()
  const database = row?.now.getTime() ?? before
  const skew = skewMs(before, database, after)
  if (before < Date.UTC(2026, 0, 1))
    return fail('clock', new Date(before).toISOString(), 'Set the clock; let NTP keep it.')
  return agrees(skew)
    ? ok('clock', `${new Date(before).toISOString()}, PostgreSQL agrees`)
    : fail(
        'clock',
        `PostgreSQL's is ${counted(Math.round(skew / 1000), 'second')} away`,
        'Let NTP keep the clocks of both machines.',
      )
}
