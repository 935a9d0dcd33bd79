import type { FieldType } from '../../domain/fields.ts'
import { keepsNull } from '../../domain/recordJson.ts'
import type { ChangeColumn } from './changeColumns.ts'

/**
 * ClickHouse expression that writes a record as one line of JSON, as the records API gives it: absent fields are left
 * out. Of a deleted record only what outlives it stands there, and `deleted`. The row is `record`.
 */
export function jsonLine(columns: readonly ChangeColumn[]): string {
  const live = columns.map(piece)
  const gone = columns.filter((column) => column.outlives).map(piece)
  return `if(
    record.removed = 0,
    ${joined(live, '}')},
    ${joined(gone, ',"deleted":true}')}
  )`
}

/** What `jsonLine` takes for granted in the WITH clause: lists that were sent empty, which columns cannot tell. */
export const emptyLists = `if(
    position(record.meta, '"e":[') > 0,
    JSONExtract(record.meta, 'e', 'Array(String)'),
    emptyArrayString()
  ) AS empty_lists`

/** The first piece of all is the record's key, so every piece begins with a comma but that one. */
function joined(pieces: readonly string[], end: string): string {
  const [first = '', ...others] = pieces
  return `concat('{', substring(${first}, 2), ${others.join(',\n      ')}, '${end}\\n')`
}

/** `,"name":value`, or nothing where there is no value. */
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
