import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api'

// Keeps a DuckDB file equal to what an Earshot account holds: reads what changed since last time as Parquet, page by
// page, and brings each page and its cursor into the file in one transaction. It may be stopped and started at any
// moment; a page that was not committed is read again. EARSHOT_URL and EARSHOT_API_KEY (scope calls:read) say where from.

const { values, positionals } = parseArgs({ options: { follow: { type: 'boolean' } }, allowPositionals: true })
const [databaseFile = 'warehouse.duckdb'] = positionals
const url = process.env['EARSHOT_URL'] ?? 'http://127.0.0.1:8080'
const apiKey = process.env['EARSHOT_API_KEY'] ?? ''
const rowsInPage = 50_000
const waitSeconds = 50

interface Collection {
  name: string
  /** The field that identifies a record. */
  key: string
}

function ask(path: string): Promise<Response> {
  return fetch(new URL(path, url), { headers: { Authorization: `Bearer ${apiKey}` } })
}

async function readCollections(): Promise<Collection[]> {
  const answer = await ask('/v1/schema')
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`)
  const { data } = (await answer.json()) as { data: { collections: Collection[] } }
  return data.collections
}

function tableOf({ name }: Collection): string {
  return name.replaceAll('-', '_')
}

async function transaction(database: DuckDBConnection, work: () => Promise<void>): Promise<void> {
  await database.run('BEGIN')
  try {
    await work()
    await database.run('COMMIT')
  } catch (error) {
    await database.run('ROLLBACK')
    throw error
  }
}

/** Brings the next page of a collection into its table. Gives whether there is more. */
async function loadPage(database: DuckDBConnection, collection: Collection, wait: number): Promise<boolean> {
  const { name } = collection
  const known = await database.runAndReadAll('SELECT cursor FROM earshot_cursors WHERE collection = $name', { name })
  const cursor = String(known.getRows()[0]?.[0] ?? '')
  const path = `/v1/changes/${name}?format=parquet&limit=${rowsInPage}&wait=${wait}&cursor=${cursor}`
  const answer = await ask(path)
  if (answer.status === 410) {
    await beginAnew(database, collection)
    return true
  }
  if (!answer.ok) throw new Error(`${answer.status} ${await answer.text()}`)
  const folder = await mkdtemp(join(tmpdir(), 'earshot-changes-'))
  const file = join(folder, `${name}.parquet`)
  try {
    // The whole page first: a cursor counts only once everything before it has come.
    await writeFile(file, new Uint8Array(await answer.arrayBuffer()))
    await takePage(database, collection, file, answer.headers.get('x-next-cursor') ?? '')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  return answer.headers.get('x-has-more') === 'true'
}

async function takePage(
  database: DuckDBConnection,
  collection: Collection,
  file: string,
  cursor: string,
): Promise<void> {
  const table = tableOf(collection)
  const page = `read_parquet('${file.replaceAll("'", "''")}')`
  await transaction(database, async () => {
    await database.run(`CREATE TABLE IF NOT EXISTS ${table} AS SELECT * EXCLUDE (deleted) FROM ${page} LIMIT 0`)
    await addNewColumns(database, table, page)
    await database.run(`DELETE FROM ${table} WHERE "${collection.key}" IN (SELECT "${collection.key}" FROM ${page})`)
    await database.run(`INSERT INTO ${table} BY NAME SELECT * EXCLUDE (deleted) FROM ${page} WHERE NOT deleted`)
    await database.run('INSERT OR REPLACE INTO earshot_cursors VALUES ($name, $cursor)', {
      name: collection.name,
      cursor,
    })
  })
}

/** A newer Earshot may know fields that the table does not have yet. */
async function addNewColumns(database: DuckDBConnection, table: string, page: string): Promise<void> {
  const found = await database.runAndReadAll(`
    SELECT column_name, column_type
    FROM (DESCRIBE SELECT * EXCLUDE (deleted) FROM ${page})
    WHERE column_name NOT IN (SELECT column_name FROM (DESCRIBE ${table}))`)
  for (const [name, type] of found.getRows()) {
    await database.run(`ALTER TABLE ${table} ADD COLUMN "${String(name)}" ${String(type)}`)
  }
}

/** The cursor is too old to be told of every deletion: an empty table and no cursor. */
async function beginAnew(database: DuckDBConnection, collection: Collection): Promise<void> {
  await transaction(database, async () => {
    await database.run(`DROP TABLE IF EXISTS ${tableOf(collection)}`)
    await database.run('DELETE FROM earshot_cursors WHERE collection = $name', { name: collection.name })
  })
}

async function report(database: DuckDBConnection, collections: Collection[]): Promise<void> {
  for (const collection of collections) {
    const count = await database.runAndReadAll(`SELECT count(*) FROM ${tableOf(collection)}`)
    process.stdout.write(`${tableOf(collection)}: ${String(count.getRows()[0]?.[0])} rows\n`)
  }
}

/** Follows one collection for ever, with a connection of its own. */
async function follow(instance: DuckDBInstance, collection: Collection): Promise<never> {
  const database = await instance.connect()
  for (;;) await loadPage(database, collection, waitSeconds)
}

const instance = await DuckDBInstance.create(databaseFile)
const database = await instance.connect()
await database.run('CREATE TABLE IF NOT EXISTS earshot_cursors (collection TEXT PRIMARY KEY, cursor TEXT NOT NULL)')
const collections = await readCollections()
for (const collection of collections) while (await loadPage(database, collection, 0));
await report(database, collections)
if (values.follow) await Promise.all(collections.map((collection) => follow(instance, collection)))
database.closeSync()
