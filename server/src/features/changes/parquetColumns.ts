import type { FieldType } from '../../domain/fields.ts'
import type { ChangeColumn } from './changeColumns.ts'

/** Returns the ClickHouse SELECT list of a Parquet file's columns, with `deleted`; the row is `record`. */
export function parquetColumns(columns: readonly ChangeColumn[]): string {
  return [...columns.map(typed), 'CAST(record.removed != 0 AS Bool) AS deleted'].join(',\n  ')
}

/**
 * Gives live and deleted records the same types: a column that a live record always has is still nullable, because a
 * deleted record lacks it.
 */
function typed({ name, column, type, outlives }: ChangeColumn): string {
  const engineType = typeOf(type)
  const value = engineType === undefined ? `record.${column}` : `CAST(record.${column} AS ${engineType})`
  const isAlways = outlives || engineType === undefined || engineType.startsWith('Array')
  return isAlways ? `${value} AS ${name}` : `if(record.removed = 0, ${value}, NULL) AS ${name}`
}

/** Returns the engine's type; undefined for lists of objects, because their column already has the right type. */
function typeOf(type: FieldType): string | undefined {
  switch (type.kind) {
    case 'id':
    case 'oneOf':
    case 'string':
    case 'attributes':
      return 'Nullable(String)'
    case 'number':
      return type.integer ? 'Nullable(Int64)' : 'Nullable(Float64)'
    case 'boolean':
      return 'Nullable(Bool)'
    case 'time':
      return "Nullable(DateTime64(3, 'UTC'))"
    case 'strings':
      return 'Array(String)'
    case 'integers':
      return 'Array(Int64)'
    case 'objects':
      return undefined
  }
}
