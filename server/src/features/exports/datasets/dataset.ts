import type { ClickHouse, Parameters } from '../../../store/clickhouse.ts'
import type { Watermark } from '../../ingest/watermark.ts'
import type { Column } from '../formats/columns.ts'
import type { Format } from '../formats/format.ts'

/** What every selection is bounded by: the account first, then how far it may be read. */
export interface Bounds {
  accountId: number
  watermark: Watermark
  rowLimit: number
}

/** One kind of rows that can be exported. */
export interface Dataset {
  name: string
  /** Most rows of a file: the first ones in the dataset's order. */
  rowLimit: number
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
   * The SELECT that fills the selection table, in one snapshot: every column that the file needs, at most
   * `rowLimit` rows, and in each row `total_rows`, the number of rows without the limit.
   */
  select(bounds: Bounds): { query: string; parameters: Parameters }
  /** Sorting key of the selection table, such that rows can be read in the order of `orderBy`. */
  sortingKey: string
  /** ClickHouse ORDER BY list over the selection table; a total order. */
  orderBy: string
  /** The file's columns; some are known only once the rows are. Throws an ExportRefusal when they cannot be written. */
  columns(clickhouse: Pick<ClickHouse, 'rows'>, selectionTable: string): Promise<Column[]>
}

/** Why an export can never succeed as it was asked for: trying again would end the same way. */
export class ExportRefusal extends Error {
  override name = 'ExportRefusal'
}
