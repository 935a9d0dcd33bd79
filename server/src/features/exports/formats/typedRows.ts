import { identifier, typedValue } from './columns.ts'
import { inItsOrder, type Selection } from './format.ts'

/** A SELECT over the selection with a typed value under each header, in the file's order, under these settings. */
export function typedRows({ table, columns }: Selection, settings: Record<string, string>): string {
  const values = columns.map((column) => `${typedValue(column)} AS ${identifier(column.header)}`)
  const all = { max_block_size: '1024', prefer_column_name_to_alias: '1', ...settings }
  return `
SELECT
  ${values.join(',\n  ')}
FROM ${table}
SETTINGS
  ${inItsOrder},
  ${Object.entries(all)
    .map(([name, value]) => `${name} = ${value}`)
    .join(',\n  ')}`
}
