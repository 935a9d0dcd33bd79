import { hash, randomUUID } from 'node:crypto'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { loadConfig } from '../src/config.ts'
import { openPorts } from '../src/compose.ts'
import type { Ports } from '../src/ports.ts'
import { backUp } from '../src/features/backup/backUp.ts'
import { readTables, setSameText, type ControlTable } from '../src/features/backup/controlTables.ts'
import { openLog } from '../src/log.ts'
import type { ClickHouse } from '../src/store/clickhouse/clickhouse.ts'
import { openEmbeddedClickHouse } from '../src/store/clickhouse/embeddedClickHouse.ts'
import { ensureEmbeddedPostgres } from '../src/store/postgres/embeddedPostgres.ts'
import { openPostgres, sql, sqlScript, type Queryable } from '../src/store/postgres/postgres.ts'
import { run, scratchFolder } from './program.ts'

// Both engines are started, backed up and restored.
vi.setConfig({ testTimeout: 240_000 })

let folder: Awaited<ReturnType<typeof scratchFolder>>

beforeAll(async () => {
  folder = await scratchFolder()
})

afterAll(() => folder.remove())

/** What readers of lines and of JSON stumble over. */
const stumblingBlocks = [
  ['\u2028', '\u2029', '\u0085', '\f', '\v', '\r', '\n', '\r\n', '\t', '\u0001', '\u001C', '\u007F'],
  ['"', "'", '\\', '\\n', '\\u2028', '\\x', '{', '}', ',', 'NULL', '\\N', '😀', '👩‍👩‍👧', '\uFEFF', '\uFFFF'],
].flat()
/** Those, and characters of every plane; PostgreSQL's texts hold no NUL. */
const oddText = fc.oneof(
  fc.constantFrom(...stumblingBlocks),
  fc.string({
    unit: fc.oneof(
      fc.constantFrom(...stumblingBlocks),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }).filter((text) => text !== '\0'),
      fc.integer({ min: 0, max: 16 }).map((plane) => String.fromCodePoint(plane * 0x10000 + 0xabcd)),
    ),
  }),
)
/** As many rows in every table as there are texts, the first of which are the stumbling blocks alone. */
const texts = [
  ...stumblingBlocks.map((block) => `a${block}b`),
  ...stumblingBlocks,
  ...fc.sample(oddText, { numRuns: 40, seed: 7 }),
]

interface Column {
  name: string
  type: string
  isNullable: boolean
  /** The first value that a check of the column's own table allows it. */
  allowed: string | null
}

/** The columns of a table of PostgreSQL, with what its checks allow. */
function columnsOf(on: Queryable, table: ControlTable): Promise<Column[]> {
  return on.query<Column>(sql`
    SELECT
      attribute.attname AS name,
      format_type(attribute.atttypid, NULL) AS type,
      NOT attribute.attnotnull AS "isNullable",
      (
        SELECT substring(pg_get_constraintdef(checks.oid) FROM $$'([^']*)'$$)
        FROM pg_constraint AS checks
        WHERE checks.conrelid = attribute.attrelid
          AND checks.contype = 'c'
          AND attribute.attnum = ANY (checks.conkey)
        LIMIT 1
      ) AS allowed
    FROM pg_attribute AS attribute
    WHERE attribute.attrelid = ${table.quoted}::regclass
      AND attribute.attnum > 0
      AND NOT attribute.attisdropped
      AND attribute.attgenerated = ''
    ORDER BY attribute.attnum`)
}

/** A value of a column: the text wherever the type holds one, else whatever the column needs; undefined: none. */
function valueOf({ name, type, isNullable, allowed }: Column, text: string, index: number): unknown {
  if (allowed !== null) return isNullable ? undefined : allowed
  if (type === 'text') return text
  if (type === 'text[]') return [text, `${index}`, text]
  if (type === 'jsonb') return JSON.stringify({ [`key ${text}`]: [text, { text }], number: 1e-7, big: 2 ** 53 })
  if (type === 'bytea') return Buffer.from(text)
  if (isNullable) return undefined
  if (type === 'uuid') return randomUUID()
  if (type === 'boolean') return false
  if (type.startsWith('timestamp')) return '2026-09-06T03:04:05.678901Z'
  if (type === 'double precision[]') return [0.1 + 0.2, 1 / 3]
  if (/integer|bigint|smallint|double/.test(type)) return index + 1
  throw new Error(`The test knows no value of the type ${type} of the column ${name}.`)
}

/** Fills every table of the control database; gives how many columns hold texts. */
async function fillControl(ports: Ports): Promise<number> {
  let textColumns = 0
  await ports.postgres.transaction(async (tx) => {
    await tx.run(sqlScript('SET LOCAL session_replication_role = replica'))
    for (const table of await readTables(tx)) {
      const columns = await columnsOf(tx, table)
      // A table of a single row; it has no texts.
      if (columns.some(({ name }) => name === 'is_only')) continue
      textColumns += columns.filter(({ type, allowed }) => type === 'text' && allowed === null).length
      const filled = columns.filter((column) => valueOf(column, '', 0) !== undefined)
      const names = sqlScript(filled.map(({ name }) => `"${name}"`).join(', '))
      // Texts repeat; what must be unique gets its own beginning from the index.
      const rows = texts.map((text, index) => {
        const values = filled.map((column) => sql`${valueOf(column, `${index} ${text}`, index)}`)
        return sql`(${values.reduce((listed, value) => sql`${listed}, ${value}`)})`
      })
      await tx.run(sql`
        INSERT INTO ${sqlScript(table.quoted)} (${names})
        OVERRIDING SYSTEM VALUE
        VALUES ${rows.reduce((listed, row) => sql`${listed}, ${row}`)}`)
    }
  })
  return textColumns
}

/** Fills every table of the call data the same way; gives how many columns hold texts. */
async function fillCalls(clickhouse: ClickHouse): Promise<number> {
  const columns = await clickhouse.rows<{ table: string; name: string; type: string }>(`
    SELECT table, name, type
    FROM system.columns
    WHERE database = currentDatabase()
      AND default_kind IN ('', 'DEFAULT')
      AND match(type, '^(Array\\\\()?(LowCardinality\\\\()?(Nullable\\\\()?String')
      AND table IN (SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree')`)
  for (const [table, ofTable] of Map.groupBy(columns, (column) => column.table)) {
    const lines = texts.map((text) =>
      JSON.stringify(ofTable.map(({ type }) => (type.startsWith('Array') ? [text, text] : text))),
    )
    await clickhouse.insert(
      table,
      ofTable.map(({ name }) => name),
      Buffer.from(lines.join('\n')),
    )
  }
  return columns.length
}

/** Every row of every table, as its engine writes it, in the order of its text. One insert is one part: nothing merges. */
async function readAll({
  postgres,
  clickhouse,
}: Pick<Ports, 'postgres' | 'clickhouse'>): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {}
  await postgres.transaction(async (tx) => {
    await setSameText(tx)
    for (const table of await readTables(tx)) {
      const rows = await tx.query<{ hex: string }>(
        sqlScript(
          `SELECT encode(convert_to(entry::text, 'UTF8'), 'hex') AS hex FROM ${table.quoted} AS entry ORDER BY hex`,
        ),
      )
      found[`postgres ${table.name}`] = rows.map(({ hex }) => hex)
    }
  })
  const tables = await clickhouse.rows<{ name: string }>(
    "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree' ORDER BY name",
  )
  for (const { name } of tables) {
    const rows = await clickhouse.rows<{ row: string }>(
      `SELECT hex(formatRow('RowBinary', *)) AS row FROM ${name} ORDER BY row`,
    )
    found[`clickhouse ${name}`] = rows.map(({ row }) => row)
  }
  return found
}

/** Reads a data folder without what a start does to its rows. */
async function readFolder(dataDirectory: string): Promise<Record<string, string[]>> {
  const embedded = await ensureEmbeddedPostgres(dataDirectory, openLog({ logLevel: 'fatal', logPretty: false }))
  const postgres = await openPostgres(embedded.options, { maxConnections: 1 })
  const clickhouse = openEmbeddedClickHouse(join(dataDirectory, 'clickhouse'), 0)
  try {
    return await readAll({ postgres, clickhouse })
  } finally {
    await clickhouse.close()
    await postgres.close()
    await embedded.stopIfUnused()
  }
}

test('texts of every plane come back byte for byte in every column of every table', async () => {
  const source = join(folder.path, 'source')
  const target = join(folder.path, 'target')
  const backup = join(folder.path, 'backup')
  const config = loadConfig({ EARSHOT_DATA_DIR: source, EARSHOT_LOG_LEVEL: 'fatal', EARSHOT_MIN_FREE_BYTES: '0' })
  const ports = await openPorts(config, openLog(config), () => {})
  let before: Record<string, string[]>
  try {
    expect(await fillControl(ports)).toBeGreaterThan(40)
    expect(await fillCalls(ports.clickhouse)).toBeGreaterThan(100)
    before = await readAll(ports)
    // This table has numbers only.
    expect(Object.keys(before).filter((table) => before[table]?.length === 0)).toEqual(['clickhouse record_keys'])
    await backUp(ports, { target: backup })
  } finally {
    await ports.close()
  }
  expect(await run({ EARSHOT_DATA_DIR: target }, 'restore', backup)).toMatchObject({ code: 0 })
  const after = await readFolder(target)
  expect(Object.keys(after)).toEqual(Object.keys(before))
  for (const [table, rows] of Object.entries(before)) expect({ table, rows: after[table] }).toEqual({ table, rows })
})

test('a row that is not what it was in the backup is refused, though files and counts are right', async () => {
  const backup = join(folder.path, 'backup')
  const target = join(folder.path, 'altered')
  await alter(backup, 'postgres/webhook_events.ndjson', 'call_id', 'call_ID')
  expect(await run({ EARSHOT_DATA_DIR: target }, 'restore', backup)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('The table webhook_events is not what it was'),
  })
  expect(await readdir(target)).toEqual([])
})

/** Alters a file of a backup and all its checksums with it, as a mistake of the program that restores would. */
async function alter(backup: string, name: string, from: string, to: string): Promise<void> {
  const text = (await readFile(join(backup, name), 'utf8')).replace(from, to)
  await writeFile(join(backup, name), text)
  const sums = (await readFile(join(backup, 'SHA256SUMS'), 'utf8'))
    .split('\n')
    .map((line) => (line.endsWith(`  ${name}`) ? `${hash('sha256', text)}  ${name}` : line))
    .join('\n')
  await writeFile(join(backup, 'SHA256SUMS'), sums)
  const manifest = JSON.parse(await readFile(join(backup, 'manifest.json'), 'utf8'))
  await writeFile(join(backup, 'manifest.json'), JSON.stringify({ ...manifest, sums: hash('sha256', sums) }))
}
