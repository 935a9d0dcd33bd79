import { createReadStream } from 'node:fs'
import { linesOf } from '../../domain/lines.ts'
import { sql, sqlScript, type Queryable } from '../../store/postgres/postgres.ts'

/** A table of the control database, with names quoted for a statement. */
export interface ControlTable {
  name: string
  quoted: string
  /** Every stored column; computed ones are left out. */
  columns: string
}

/** Rows per fetch, and bytes per load. */
const rowsAtATime = 100
const bytesAtATime = 4 * 1024 * 1024

/**
 * Lists the tables of a backup: all except the record of migrations, which restoring writes anew, and unlogged tables.
 */
export async function readTables(on: Queryable): Promise<ControlTable[]> {
  return on.query<ControlTable>(sql`
    SELECT
      pg_class.relname AS name,
      quote_ident(pg_class.relname) AS quoted,
      string_agg(quote_ident(pg_attribute.attname), ', ' ORDER BY pg_attribute.attnum) AS columns
    FROM pg_class
    JOIN pg_attribute ON pg_attribute.attrelid = pg_class.oid
    WHERE pg_class.relnamespace = 'public'::regnamespace
      AND pg_class.relkind IN ('r', 'p')
      AND NOT pg_class.relispartition
      AND pg_class.relpersistence = 'p'
      AND pg_class.relname <> 'migrations'
      AND pg_attribute.attnum > 0
      AND NOT pg_attribute.attisdropped
      AND pg_attribute.attgenerated = ''
    GROUP BY pg_class.relname
    ORDER BY pg_class.relname`)
}

/** Returns the rows of a table as JSON lines rendered by the database, so that no value is converted. */
export async function* readLines(tx: Queryable, table: ControlTable): AsyncGenerator<Buffer> {
  await tx.run(
    sqlScript(`DECLARE backup NO SCROLL CURSOR FOR SELECT to_jsonb(entry)::text AS line FROM ${table.quoted} AS entry`),
  )
  for (;;) {
    const rows = await tx.query<{ line: string }>(sqlScript(`FETCH ${rowsAtATime} FROM backup`))
    if (rows.length === 0) break
    yield Buffer.from(rows.map(({ line }) => `${line}\n`).join(''))
  }
  await tx.run(sqlScript('CLOSE backup'))
}

/** Counts the rows of a table and sums their hashes, independent of their order. */
export interface TableSum {
  rows: number
  sum: string
}

/**
 * Sets the text formats of values for the transaction, so that every database renders them alike whatever its settings.
 */
export async function setSameText(tx: Queryable): Promise<void> {
  await tx.run(sqlScript("SET LOCAL timezone = 'UTC'"))
  await tx.run(sqlScript("SET LOCAL datestyle = 'ISO'"))
  await tx.run(sqlScript('SET LOCAL extra_float_digits = 1'))
  await tx.run(sqlScript("SET LOCAL bytea_output = 'hex'"))
}

/** Sums 64 bits of the hash of every row; the hash is over the text that the database renders. */
export async function sumOfTable(tx: Queryable, table: ControlTable): Promise<TableSum> {
  const row = await tx.first<TableSum>(
    sqlScript(`
      SELECT
        count(*) AS rows,
        coalesce(sum(('x' || left(md5(entry::text), 16))::bit(64)::bigint), 0)::text AS sum
      FROM ${table.quoted} AS entry`),
  )
  return row ?? { rows: 0, sum: '0' }
}

/**
 * Reads the last value of every used sequence. Sequences are not transactional, so they are read last; then none is
 * behind its table.
 */
export async function readSequences(on: Queryable): Promise<Record<string, number>> {
  const rows = await on.query<{ name: string; value: number }>(sql`
    SELECT sequencename AS name, last_value AS value
    FROM pg_sequences
    WHERE schemaname = 'public'
      AND last_value IS NOT NULL`)
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]))
}

/** Loads a file of JSON lines into the empty table. */
export async function loadTable(tx: Queryable, table: ControlTable, file: string): Promise<void> {
  await loadLines(tx, table, createReadStream(file))
}

/** Loads rows, one JSON line each, into the empty table. */
export async function loadLines(tx: Queryable, table: ControlTable, text: AsyncIterable<Uint8Array>): Promise<void> {
  let lines: string[] = []
  let size = 0
  const load = async () => {
    if (lines.length === 0) return
    const { text } = sqlScript(`
      INSERT INTO ${table.quoted} (${table.columns})
      OVERRIDING SYSTEM VALUE
      SELECT ${table.columns}
      FROM jsonb_populate_recordset(NULL::${table.quoted}, `)
    await tx.run(sql`${sqlScript(text)}${`[${lines.join(',')}]`}::jsonb)`)
    lines = []
    size = 0
  }
  for await (const { bytes } of linesOf(text)) {
    lines.push(bytes.toString())
    size += bytes.length
    if (size >= bytesAtATime) await load()
  }
  await load()
}

/** Sets the sequences to continue after their last values. */
export async function restoreSequences(tx: Queryable, sequences: Record<string, number>): Promise<void> {
  for (const [name, value] of Object.entries(sequences)) {
    await tx.run(sql`SELECT setval(quote_ident(${name})::regclass, ${value})`)
  }
}
