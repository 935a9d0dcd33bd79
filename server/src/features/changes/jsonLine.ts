import type { FieldType } from '../../domain/fields.ts'
import { keepsNull } from '../../domain/recordJson.ts'
import type { ChangeColumn } from './changeColumns.ts'

/**
 * Returns a ClickHouse expression that renders the row `record` as a line of JSON, as the records API does, without
 * absent fields. A deleted record has only the fields that outlive it, and `deleted`.
 */
export function jsonLine(columns: readonly ChangeColumn[]): string {
  const live = columns.map(piece)
  const deleted = columns.filter((column) => column.outlives).map(piece)
  return `if(
    record.removed = 0,
    ${joined(live, '}')},
    ${joined(deleted, ',"deleted":true}')}
  )`
}

/**
 * An expression that `jsonLine` requires in the WITH clause: the lists that were sent empty, because the columns cannot
 * represent them.
 */
export const emptyLists = `if(
    position(record.meta, '"e":[') > 0,
    JSONExtract(record.meta, 'e', 'Array(String)'),
    emptyArrayString()
  ) AS empty_lists`

/** Every piece except the first begins with a comma; the comma of the first, the record's key, is removed. */
function joined(pieces: readonly string[], end: string): string {
  const [first = '', ...others] = pieces
  return `concat('{', substring(${first}, 2), ${others.join(',\n      ')}, '${end}\\n')`
}

/** Renders `,"name":value`, or nothing without a value. */
function piece({ name, column, type }: ChangeColumn): string {
  const value = `record.${column}`
  const label = `,"${name}":`
  switch (type.kind) {
    // Ids and words of a list need no escaping.
    case 'id':
    case 'oneOf':
      return `ifNull(concat('${label}"', ${value}, '"'), '')`
    case 'string':
      return `ifNull(concat('${label}', toJSONString(${value})), '')`
    case 'number':
    case 'boolean':
      return `ifNull(concat('${label}', toString(${value})), '')`
    case 'time':
      return `ifNull(concat('${label}"', replaceOne(toString(${value}), ' ', 'T'), 'Z"'), '')`
    case 'attributes':
      return `ifNull(concat('${label}', ${value}), '')`
    case 'strings':
    case 'integers':
      return list(name, value, `toJSONString(${value})`)
    case 'objects':
      return list(name, value, objects(value, type.entries))
  }
}

function list(name: string, value: string, json: string): string {
  return `multiIf(notEmpty(${value}), concat(',"${name}":', ${json}), has(empty_lists, '${name}'), ',"${name}":[]', '')`
}

function objects(value: string, entries: Readonly<Record<string, FieldType>>): string {
  const pieces = Object.keys(entries).map((name) => {
    const label = `,"${name}":`
    const absent = keepsNull.has(name) ? `${label}null` : ''
    return `ifNull(concat('${label}', toJSONString(entry.${name})), '${absent}')`
  })
  const object = `concat('{', substring(concat(${pieces.join(', ')}), 2), '}')`
  return `concat('[', arrayStringConcat(arrayMap(entry -> ${object}, ${value}), ','), ']')`
}
