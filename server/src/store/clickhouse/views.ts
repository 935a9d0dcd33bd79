import type { ClickHouse } from './clickhouse.ts'

type Statements = Pick<ClickHouse, 'rows' | 'command'>

/** Which tables of a database a view holds, and the database that holds them for it. */
interface Copies {
  from: string
  into: string
  tables: readonly string[]
}

/** The database of a view: its name begins with that of the store, so that stores on one server tell theirs apart. */
export function viewDatabaseOf(database: string, name: string): string {
  return `${database}_view_${name}`
}

/** Makes the tables of a view, empty: what takes time is done before the moment that the view shows. */
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

/** Takes the parts of the tables as they are now, by hard links. */
export async function fillCopies({ command }: Statements, { from, into, tables }: Copies): Promise<void> {
  await Promise.all(
    tables.map((table) => command(`ALTER TABLE ${into}.${table} ATTACH PARTITION ALL FROM ${from}.${table}`)),
  )
}

/** Without replicas, since each node copies its own; never merged, since it is dropped soon. */
function engineOfCopy(engine: string): string {
  const own = engine.replace(/^Replicated(\w*MergeTree)\('[^']*', '[^']*'(?:, )?/, '$1(')
  return `${own}${own.includes(' SETTINGS ') ? ',' : ' SETTINGS'} max_bytes_to_merge_at_max_space_in_pool = 1`
}

/** The names of the views that a node holds tables of. */
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
