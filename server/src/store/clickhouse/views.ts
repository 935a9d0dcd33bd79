import type { ClickHouse } from './clickhouse.ts'

type Statements = Pick<ClickHouse, 'rows' | 'command'>

/** The tables of a view, their source database, and the database of the view. */
interface Copies {
  from: string
  into: string
  tables: readonly string[]
}

/** The database of a view; its name begins with the store's name, so that stores on one server do not mix views. */
export function viewDatabaseOf(database: string, name: string): string {
  return `${database}_view_${name}`
}

/** Creates the empty tables of a view, so that the snapshot itself takes little time. */
export async function createCopies({ rows, command }: Statements, { from, into, tables }: Copies): Promise<void> {
  await command(`CREATE DATABASE IF NOT EXISTS ${into}`)
  const sources = await rows<{ name: string; engine: string }>(
    `SELECT name, engine_full AS engine
     FROM system.tables
     WHERE database = {from:String}
       AND name IN {tables:Array(String)}`,
    { from, tables },
  )
  await Promise.all(
    sources.map(({ name, engine }) =>
      command(`CREATE TABLE ${into}.${name} AS ${from}.${name} ENGINE = ${engineOfCopy(engine)}`),
    ),
  )
}

/** Copies the current parts of the tables as hard links. */
export async function fillCopies({ command }: Statements, { from, into, tables }: Copies): Promise<void> {
  await Promise.all(
    tables.map((table) => command(`ALTER TABLE ${into}.${table} ATTACH PARTITION ALL FROM ${from}.${table}`)),
  )
}

/**
 * The engine of a copy: not replicated, because each node copies its own rows; not merged, because it is dropped soon.
 */
function engineOfCopy(engine: string): string {
  const own = engine.replace(/^Replicated(\w*MergeTree)\('[^']*', '[^']*'(?:, )?/, '$1(')
  return `${own}${own.includes(' SETTINGS ') ? ',' : ' SETTINGS'} max_bytes_to_merge_at_max_space_in_pool = 1`
}

/** The names of the views that have tables on a node. */
export async function listViews({ rows }: Pick<Statements, 'rows'>, database: string): Promise<string[]> {
  const prefix = viewDatabaseOf(database, '')
  const databases = await rows<{ name: string }>(
    `SELECT name
     FROM system.databases
     WHERE startsWith(name, {prefix:String})`,
    { prefix },
  )
  return databases.map(({ name }) => name.slice(prefix.length))
}
