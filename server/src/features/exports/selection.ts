import type { ClickHouseView } from '../../store/clickhouse/clickhouse.ts'
import type { Bounds, Plan, Statement } from './datasets/dataset.ts'
import type { Column } from './formats/columns.ts'

/** The rows of one file, taken into a table of their own in the view of the attempt. */
export interface TakenSelection {
  table: string
  columns: Column[]
  rowCount: number
  /** Rows that matched, also those beyond the limit. */
  totalRows: number
}

/** The name of the view of one attempt: what another attempt makes never mixes in. */
export function viewName(exportId: string, attempt: number): string {
  return `export_${exportId.replaceAll('-', '')}_${attempt}`
}

/** The export and the attempt that a view belongs to. */
export function attemptOf(view: string): { exportId: string; attempt: number } | undefined {
  const [, id = '', attempt] = /^export_([0-9a-f]{32})_(\d+)$/.exec(view) ?? []
  const exportId = id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  return id === '' ? undefined : { exportId, attempt: Number(attempt) }
}

/** What selections are taken from, and into. */
type Engine = Pick<ClickHouseView, 'rows' | 'command'>

/** Fills a selection table in one statement; header, count and rows of the file all come from it. */
export async function takeSelection(view: Engine, plan: Plan, bounds: Bounds, table: string): Promise<TakenSelection> {
  await takeRows(view, table, plan.select(bounds))
  const columns = await plan.columns(view, table, bounds.columns)
  const [counts] = await view.rows<{ rowCount: number; totalRows: number }>(`
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
export async function takeRows(view: Engine, table: string, { query, parameters }: Statement): Promise<void> {
  await view.command(
    `CREATE TABLE ${table}
    ENGINE = Log
    AS ${query}`,
    parameters,
    { isLong: true },
  )
}
