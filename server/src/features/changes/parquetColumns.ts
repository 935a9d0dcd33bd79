import type { FieldType } from '../../domain/fields.ts'
import type { ChangeColumn } from './changeColumns.ts'

/** ClickHouse SELECT list of a Parquet file's columns, with `deleted`; the row is `record`. */
export function parquetColumns(columns: readonly ChangeColumn[]): string {
  return [...columns.map(typed), 'CAST(record.removed != 0 AS Bool) AS deleted'].join(',\n  ')
}

/** The same type whether a record lives or not: a deleted one has no value where a live one must have one. */
function typed({ name, column, type, outlives }: ChangeColumn): string {
  const engineType = typeOf(type)
  const value = engineType === undefined ? `record.${column}` : `CAST(record.${column} AS ${engineType})`
  const isAlways = outlives || engineType === undefined || engineType.startsWith('Array')
  return isAlways ? `${value} AS ${name}` : `if(record.removed = 0, ${value}, NULL) AS ${name}`
}

/** The engine's type; undefined for lists of objects, whose column has the right one. */
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
