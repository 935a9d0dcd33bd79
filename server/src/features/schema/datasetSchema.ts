import type { ColumnDescription, Dataset } from '../exports/datasets/dataset.ts'

/** A dataset of exports: what a row is, and its columns in the order of the file. */
export interface DatasetSchema {
  name: string
  description: string
  formats: string[]
  /** Most rows of a file; null: all. */
  rowLimit: number | null
  columns: readonly ColumnDescription[]
  /** Columns that depend on the rows: how their names begin, and what they hold; null: there are none. */
  openColumns: { prefix: string; description: string } | null
}

export function datasetSchema({ name, description, formats, rowLimit, columns, openColumns }: Dataset): DatasetSchema {
  return {
    name,
    description,
    formats: Object.keys(formats),
    rowLimit: rowLimit ?? null,
    columns: columns.map((column) => ({
      name: column.name,
      type: column.type,
      description: column.description,
    })),
    openColumns: openColumns ?? null,
  }
}
