import type { Column } from '../formats/columns.ts'
import { csvFormat } from '../formats/csv.ts'
import { ndjsonFormat } from '../formats/ndjson.ts'
import { parquetFormat } from '../formats/parquet.ts'
import {
  manyRowsSettings,
  wantedOf,
  type Bounds,
  type ColumnDescription,
  type Dataset,
  type Statement,
} from './dataset.ts'
import { engagementBase } from './engagementBase.ts'
import { windowParameters, windowValues, type Window } from './window.ts'

/** Formats for programs: values untouched, no byte order mark. */
export const machineFormats = {
  csv: csvFormat({ byteOrderMark: false, neutraliseFormulas: false }),
  ndjson: ndjsonFormat,
  parquet: parquetFormat,
}

/** A column of the selection table that stands in the file under its own name. */
export type SelectedColumn = ColumnDescription

/** One of the files of the dataset exports. */
interface WindowDataset {
  name: string
  /** Name of the file without its extension. */
  fileName: string
  description: string
  columns: readonly SelectedColumn[]
  /** The tables of records that the SELECT reads. */
  tables: readonly string[]
  /** The SELECT of the file's columns; its places `accountId`, `fromMs`, `toMs` and `customerIds` are filled. */
  query: (baseTable: string, window: Window) => string
}

/** A dataset over the engagements of a window: one row a `pid`, in its order. */
export function windowDataset({ name, fileName, description, columns, tables, query }: WindowDataset): Dataset {
  return {
    name,
    description,
    columns,
    rowLimit: undefined,
    formats: machineFormats,
    plan(given) {
      const window = windowParameters.parse(given)
      return {
        fileName,
        tables,
        base: engagementBase(window),
        select: (bounds) => {
          const wanted = wantedOf(columns, bounds.columns).map((column) => column.name)
          return statement(
            bounds,
            window,
            `SELECT ${wanted.join(', ')} FROM (${query(bounds.baseTable ?? '', window)})`,
          )
        },
        columns: async () => columns.map(selected),
      }
    },
  }
}

function statement({ accountId }: Bounds, window: Window, query: string): Statement {
  return {
    query: `${query}\n    ORDER BY pid\n    ${manyRowsSettings}`,
    parameters: { accountId, ...windowValues(window) },
  }
}

/** The file's column over the selection's column of that name. */
function selected({ name, type }: SelectedColumn): Column {
  return { header: name, type, sql: name }
}
