import type { ClickHouseView, Parameters } from '../../../store/clickhouse/clickhouse.ts'
import type { Watermark } from '../../../recordLog/watermark.ts'
import type { Column, ColumnType } from '../formats/columns.ts'
import type { Format } from '../formats/format.ts'

/** What every selection is bounded by: the account first, then how far it may be read. */
export interface Bounds {
  accountId: number
  watermark: Watermark
  /** Undefined: all rows. */
  rowLimit: number | undefined
  /** Names of the columns that the file will have: others need not be read. Undefined: all. */
  columns?: readonly string[] | undefined
  /** Name of the table that the plan's base was taken into, where it has one. */
  baseTable?: string
}

/** A SELECT with the values for its places. */
export interface Statement {
  query: string
  parameters: Parameters
}

/** A column as readers of a file are told of it. */
export interface ColumnDescription {
  /** As in the file's header. */
  name: string
  type: ColumnType
  description: string
}

/** Rows that several files of one export are made from: taken once, before them. */
export interface Base {
  tables: readonly string[]
  /** `datasets` are the names of all that the export makes. */
  select(bounds: Bounds, datasets: readonly string[]): Statement
}

/** One kind of rows that can be exported. */
export interface Dataset {
  name: string
  /** What a row is. */
  description: string
  /** The columns that every file has, in the order of the file. */
  columns: readonly ColumnDescription[]
  /** How the names of the columns begin that a file may have besides, according to its rows. */
  openColumns?: { prefix: string; description: string }
  /** Most rows of a file: the first ones in the dataset's order. Undefined: all. */
  rowLimit: number | undefined
  /** The formats it comes in, by the name that a request gives. */
  formats: Readonly<Record<string, Format>>
  /** Reads the parameters of a request. Throws when this version cannot read them. */
  plan(parameters: unknown): Plan
}

/** How a dataset answers one request. */
export interface Plan {
  /** Name of the file without its extension. */
  fileName: string
  /** The tables of records that its statements read. */
  tables: readonly string[]
  /**
   * The SELECT that fills the selection table: every column that the file needs, the rows in the order
   * of the file, which is a total one. Where there is a `rowLimit`, at most that many rows, and in each `total_rows`, the
   * number of rows without the limit.
   */
  select(bounds: Bounds): Statement
  /** What the selection is made from besides; plans of one export with the same kind of base share it. */
  base?: Base
  /**
   * The file's columns; some are known only once the rows are. `wanted` are the names of those that the file will have,
   * undefined all: others need not be there. Throws an ExportRefusal when they cannot be written.
   */
  columns(
    view: Pick<ClickHouseView, 'rows'>,
    selectionTable: string,
    wanted: readonly string[] | undefined,
  ): Promise<Column[]>
}

/** A setting of every selection: rows are kept in the order of the statement. */
export const takenInOrder = 'max_insert_threads = 1'

/**
 * Ends the statement of a selection that may have any number of rows: small blocks, and a sort that is larger than 64 MiB
 * on the disk. One thread, because several hold as many blocks each and are hardly quicker. Read buffers are small, because
 * there is one for each column of each part.
 */
export const manyRowsSettings = `SETTINGS
      ${takenInOrder},
      max_threads = 1,
      max_block_size = 2048,
      max_read_buffer_size = 32768,
      max_read_buffer_size_local_fs = 32768,
      min_insert_block_size_rows = 0,
      min_insert_block_size_bytes = 8388608,
      max_bytes_before_external_sort = 67108864,
      max_bytes_ratio_before_external_sort = 0`

/** Those of the columns that a file will have; the first where there are none, because a selection needs one. */
export function wantedOf<Wanted extends { name: string }>(
  columns: readonly Wanted[],
  names: readonly string[] | undefined,
): readonly Wanted[] {
  if (!names) return columns
  const wanted = columns.filter(({ name }) => names.includes(name))
  return wanted.length > 0 ? wanted : columns.slice(0, 1)
}

/** Why an export can never succeed as it was asked for: trying again would end the same way. */
export class ExportRefusal extends Error {
  override name = 'ExportRefusal'
}
