import type { App } from '../../app.ts'
import type { ClickHouse } from '../../store/clickhouse/clickhouse.ts'
import type { Bounds, Plan, Statement } from './datasets/dataset.ts'
import type { Column } from './formats/columns.ts'

/** The rows of one file, taken once into a table of their own. */
export interface TakenSelection {
  table: string
  columns: Column[]
  rowCount: number
  /** Rows that matched, also those beyond the limit. */
  totalRows: number
}

/** The engine, or one node of it. */
interface Engine<Verb extends keyof ClickHouse> {
  clickhouse: Pick<ClickHouse, Verb>
}

const prefix = 'export_'

/** The table of one file of one attempt: what another attempt makes never mixes in. */
export function selectionTable(exportId: string, attempt: number, position: number): string {
  return `${prefix}${exportId.replaceAll('-', '')}_${attempt}_${position}`
}

/** The table of an attempt's base. */
export function baseTable(exportId: string, attempt: number): string {
  return `${prefix}${exportId.replaceAll('-', '')}_${attempt}_base`
}

/** Fills a selection table in one statement; header, count and rows of the file all come from it. */
export async function takeSelection(
  { clickhouse }: Pick<App, 'clickhouse'>,
  plan: Plan,
  bounds: Bounds,
  table: string,
): Promise<TakenSelection> {
  await takeRows({ clickhouse }, table, plan.select(bounds))
  const columns = await plan.columns(clickhouse, table)
  const [counts] = await clickhouse.rows<{ rowCount: number; totalRows: number }>(`
    SELECT
      count() AS rowCount,
      ${bounds.rowLimit === undefined ? 'rowCount' : 'ifNull(any(total_rows), 0)'} AS totalRows
    FROM ${table}`)
  return { table, columns, rowCount: counts?.rowCount ?? 0, totalRows: counts?.totalRows ?? 0 }
}

/**
 * Fills a table of its own with the rows of a statement, in their order. A log keeps them as they come, and holds
 * nothing but the block at hand when it is written and read: parts of a sorted table, their merging, and reading many of
 * them at once took 390 MB and more for two million calls, so 90.
 */
export async function takeRows(
  { clickhouse }: Pick<App, 'clickhouse'>,
  table: string,
  { query, parameters }: Statement,
): Promise<void> {
  await clickhouse.command(
    `CREATE TABLE ${table}
    ENGINE = Log
    AS ${query}`,
    parameters,
    { isLong: true },
  )
}

/** Removes a selection table; nothing happens when there is none. */
export async function dropSelection({ clickhouse }: Engine<'command'>, table: string): Promise<void> {
  // Without SYNC the engine would keep the rows for some minutes more.
  await clickhouse.command(`DROP TABLE IF EXISTS ${table} SYNC`)
}

/** Every selection table of the engine, or of one of its nodes, with the export and the attempt that it belongs to. */
export async function listSelections({
  clickhouse,
}: Engine<'rows'>): Promise<{ table: string; exportId: string; attempt: number }[]> {
  const rows = await clickhouse.rows<{ name: string }>(
    `SELECT name
    FROM system.tables
    WHERE database = currentDatabase()
      AND startsWith(name, {prefix:String})`,
    { prefix },
  )
  return rows.flatMap(({ name }) => {
    const [, id = '', attempt] = /^export_([0-9a-f]{32})_(\d+)_(?:base|\d+(?:_rendered)?)$/.exec(name) ?? []
    const exportId = id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
    return id === '' ? [] : [{ table: name, exportId, attempt: Number(attempt) }]
  })
}
