import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../errors.ts'
import { sql, sqlScript, type Postgres, type Queryable } from './postgres/postgres.ts'

/** What a ClickHouse store provides for its migrations. */
export interface CommandRunner {
  command(statement: string): Promise<unknown>
  /** Prepares the store before the first statement; true when no migration was ever applied there. */
  prepare?(): Promise<boolean>
  /** Activates the applied migrations. */
  finish?(applied: string[]): Promise<void>
}

interface Migration {
  number: number
  name: string
  text: string
  sha256: string
}

/** A name for the advisory lock that serialises processes which migrate: "migrate" in ASCII, shortened to 31 bits. */
const migrationLock = 0x6d696772

const folderOf = (store: string): string => join(import.meta.dirname, 'migrations', store)

/**
 * Brings the control database to this version: applies each new file of the folder in its own transaction.
 * Gives the names of those applied. Throws AppError CONFLICT when the database does not fit this version.
 */
export async function migratePostgres(postgres: Postgres, folder = folderOf('postgres')): Promise<string[]> {
  const migrations = await readMigrations(folder)
  await createRecord(postgres)
  const applied: string[] = []
  for (;;) {
    const name = await postgres.transaction(async (tx) => {
      const next = (await lockAndCompare(tx, 'postgres', migrations))[0]
      if (!next) return undefined
      await tx.run(sqlScript(next.text))
      await record(tx, 'postgres', next)
      return next.name
    })
    if (name === undefined) return applied
    applied.push(name)
  }
}

/**
 * Brings a ClickHouse to this version. Its statements are no transaction, so each must be one that may run again
 * (IF NOT EXISTS): a migration cut off in the middle is repeated from its start. What is applied is recorded in
 * PostgreSQL under `store`, a name of its own for each server that is migrated.
 */
export async function migrateClickHouse(
  postgres: Postgres,
  clickhouse: CommandRunner,
  options: { folder?: string; store?: string } = {},
): Promise<string[]> {
  const store = options.store ?? 'clickhouse'
  const migrations = await readMigrations(options.folder ?? folderOf('clickhouse'))
  await createRecord(postgres)
  // The transaction spans the statements on the other server because it holds the lock against other processes.
  return postgres.transaction(async (tx) => {
    await tx.run(sql`SELECT pg_advisory_xact_lock(${migrationLock})`)
    // A reinstalled server has lost the recorded migrations.
    if (await clickhouse.prepare?.()) await postgres.run(sql`DELETE FROM migrations WHERE store = ${store}`)
    const pending = await lockAndCompare(tx, store, migrations)
    for (const migration of pending) {
      for (const statement of statementsOf(migration.text)) await clickhouse.command(statement)
      // Record it on a separate connection, because ClickHouse keeps the change even if a later migration fails.
      await record(postgres, store, migration)
    }
    const applied = pending.map((migration) => migration.name)
    await clickhouse.finish?.(applied)
    return applied
  })
}

/** The migrations that a ClickHouse store still needs, according to the record. */
export function pendingClickHouse(postgres: Postgres, store: string): Promise<string[]> {
  return pendingOf(postgres, store, folderOf('clickhouse'))
}

/** The migrations that the control database still needs. */
export function pendingPostgres(postgres: Postgres): Promise<string[]> {
  return pendingOf(postgres, 'postgres', folderOf('postgres'))
}

async function pendingOf(postgres: Postgres, store: string, folder: string): Promise<string[]> {
  const migrations = await readMigrations(folder)
  const applied = await postgres.query<{ number: number }>(sql`SELECT number FROM migrations WHERE store = ${store}`)
  const numbers = new Set(applied.map((entry) => entry.number))
  return migrations.filter((migration) => !numbers.has(migration.number)).map((migration) => migration.name)
}

/** Whether the migrations of a store were ever begun. */
export async function isSetUp(postgres: Postgres, store: string): Promise<boolean> {
  return (await postgres.first(sql`SELECT FROM migrations WHERE store = ${store} LIMIT 1`)) !== undefined
}

/** The statements of a file: separated by `;` at the end of a line; lines that are comments are left out. */
export function statementsOf(text: string): string[] {
  return text
    .replace(/^\s*--.*$/gm, '')
    .split(/;[ \t]*$/m)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '')
}

async function readMigrations(folder: string): Promise<Migration[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.sql')).sort()
  const migrations = await Promise.all(
    files.map(async (file) => {
      const name = /^(\d{4})_\w+\.sql$/.exec(file)
      if (!name) throw new AppError('CONFLICT', `The migration ${file} must be named like 0001_accounts.sql.`)
      // A checkout may convert line ends to CRLF, which does not change the migration.
      const text = (await readFile(join(folder, file), 'utf8')).replaceAll('\r\n', '\n')
      const sha256 = createHash('sha256').update(text).digest('hex')
      return { number: Number(name[1]), name: file.slice(0, -4), text, sha256 }
    }),
  )
  const twice = migrations.find((migration, index) => migrations[index - 1]?.number === migration.number)
  if (twice) throw new AppError('CONFLICT', `Two migrations have the number of ${twice.name}; each needs its own.`)
  return migrations
}

async function createRecord(postgres: Postgres): Promise<void> {
  await postgres.transaction(async (tx) => {
    // Two CREATE TABLE IF NOT EXISTS at once can still collide.
    await tx.run(sql`SELECT pg_advisory_xact_lock(${migrationLock})`)
    await tx.run(sql`
      CREATE TABLE IF NOT EXISTS migrations (
        store text NOT NULL,
        number integer NOT NULL,
        name text NOT NULL,
        sha256 text NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (store, number)
      )`)
  })
}

async function record(on: Queryable, store: string, { number, name, sha256 }: Migration): Promise<void> {
  await on.run(sql`
    INSERT INTO migrations (store, number, name, sha256)
    VALUES (${store}, ${number}, ${name}, ${sha256})`)
}

/** Waits until no other process migrates, checks the applied migrations against this version, and returns the rest. */
async function lockAndCompare(tx: Queryable, store: string, migrations: Migration[]): Promise<Migration[]> {
  await tx.run(sql`SELECT pg_advisory_xact_lock(${migrationLock})`)
  const applied = await tx.query<{ number: number; name: string; sha256: string }>(sql`
    SELECT number, name, sha256
    FROM migrations
    WHERE store = ${store}
    ORDER BY number`)
  for (const entry of applied) {
    const known = migrations.find((migration) => migration.number === entry.number)
    if (!known) {
      throw new AppError(
        'CONFLICT',
        `The database (${store}) has the migration ${entry.name}, which this version of Earshot does not know; start the newer version that applied it.`,
      )
    }
    if (known.name !== entry.name || known.sha256 !== entry.sha256) {
      throw new AppError(
        'CONFLICT',
        `The migration ${known.name} (${store}) was changed after it had been applied as ${entry.name}; restore the file and put the change into a new migration.`,
      )
    }
  }
  const last = applied.at(-1)?.number ?? 0
  const pending = migrations.filter((migration) => !applied.some((entry) => entry.number === migration.number))
  const late = pending.find((migration) => migration.number < last)
  if (late) {
    throw new AppError(
      'CONFLICT',
      `The migration ${late.name} (${store}) comes before one that is applied already; give it a number above ${last}.`,
    )
  }
  return pending
}
