import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { sql, sqlScript, type Queryable } from '../../store/postgres/postgres.ts'

/** A table of the control database, with its names quoted for a statement. */
export interface ControlTable {
  name: string
  quoted: string
  /** Every column that is stored, not computed. */
  columns: string
}

/** Rows that are fetched at a time, and bytes that are loaded at a time. */
const rowsAtATime = 100
const bytesAtATime = 4 * 1024 * 1024

/** Which tables a backup holds: all but the record of migrations, which restoring writes anew, and unlogged ones. */
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

/** The rows of a table as JSON lines, as the database writes them, so that no value changes on the way. */
export async function* readLines(tx: Queryable, table: ControlTable, count: (rows: number) => void) {
  await tx.run(
    sqlScript(`DECLARE backup NO SCROLL CURSOR FOR SELECT to_jsonb(entry)::text AS line FROM ${table.quoted} AS entry`),
  )
  for (;;) {
    const rows = await tx.query<{ line: string }>(sqlScript(`FETCH ${rowsAtATime} FROM backup`))
    if (rows.length === 0) break
    count(rows.length)
    yield rows.map(({ line }) => `${line}\n`).join('')
  }
  await tx.run(sqlScript('CLOSE backup'))
}

/** The last value of every sequence that was used. They know no transactions: read last, so that none is behind. */
export async function readSequences(on: Queryable): Promise<Record<string, number>> {
  const rows = await on.query<{ name: string; value: number }>(sql`
    SELECT sequencename AS name, last_value AS value
    FROM pg_sequences
    WHERE schemaname = 'public'
      AND last_value IS NOT NULL`)
  return Object.fromEntries(rows.map(({ name, value }) => [name, value]))
}

/** Loads the lines of a file into the empty table; gives how many there were. */
export function loadTable(tx: Queryable, table: ControlTable, file: string): Promise<number> {
  return loadLines(tx, table, createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY }))
}

/** Loads rows, a JSON line each, into the empty table; gives how many there were. */
export async function loadLines(tx: Queryable, table: ControlTable, rowLines: AsyncIterable<string>): Promise<number> {
  let lines: string[] = []
  let size = 0
  let rows = 0
  const load = async () => {
    if (lines.length === 0) return
    const { text } = sqlScript(`
      INSERT INTO ${table.quoted} (${table.columns})
      OVERRIDING SYSTEM VALUE
      SELECT ${table.columns}
      FROM jsonb_populate_recordset(NULL::${table.quoted}, `)
    rows += await tx.run(sql`${sqlScript(text)}${`[${lines.join(',')}]`}::jsonb)`)
    lines = []
    size = 0
  }
  for await (const line of rowLines) {
    lines.push(line)
    size += line.length
    if (size >= bytesAtATime) await load()
  }
  await load()
  return rows
}

/** Lets sequences go on after the last values that were given out. */
export async function restoreSequences(tx: Queryable, sequences: Record<string, number>): Promise<void> {
  for (const [name, value] of Object.entries(sequences)) {
    await tx.run(sql`SELECT setval(quote_ident(${name})::regclass, ${value})`)
  }
}
