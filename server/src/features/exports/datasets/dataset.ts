import type { ClickHouse, Parameters } from '../../../store/clickhouse.ts'
import type { Watermark } from '../../ingest/watermark.ts'
import type { Column, ColumnType } from '../formats/columns.ts'
import type { Format } from '../formats/format.ts'

/** What every selection is bounded by: the account first, then how far it may be read. */
export interface Bounds {
  accountId: number
  watermark: Watermark
  /** Undefined: all rows. */
  rowLimit: number | undefined
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

/** Rows that several files of one export are made from: taken once, before them, so that the files agree. */
export interface Base {
  sortingKey: string
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
  /**
   * The SELECT that fills the selection table, in one snapshot: every column that the file needs. Where there is a
   * `rowLimit`, at most that many rows, and in each `total_rows`, the number of rows without the limit.
   */
  select(bounds: Bounds): Statement
  /** What the selection is made from besides; plans of one export with the same kind of base share it. */
  base?: Base
  /** Sorting key of the selection table, such that rows can be read in the order of `orderBy`. */
  sortingKey: string
  /** ClickHouse ORDER BY list over the selection table; a total order. */
  orderBy: string
  /** The file's columns; some are known only once the rows are. Throws an ExportRefusal when they cannot be written. */
  columns(clickhouse: Pick<ClickHouse, 'rows'>, selectionTable: string): Promise<Column[]>
}

/**
 * Ends the statement of a selection that may have any number of rows: one snapshot, and small blocks. With the engine's own
 * block size a million turns took 930 MB of memory, so 220.
 */
export const manyRowsSettings = `SETTINGS
      enable_shared_storage_snapshot_in_query = 1,
      max_block_size = 8192,
      min_insert_block_size_rows = 0,
      min_insert_block_size_bytes = 33554432`

/** Why an export can never succeed as it was asked for: trying again would end the same way. */
export class ExportRefusal extends Error {
  override name = 'ExportRefusal'
}
