/**
 * What a column holds:
 * - `text`: anything a person or a sender wrote; `id`: an identifier; `phone`: a telephone number or endpoint. All three
 *   are strings, and stay strings in a workbook.
 * - `number`, `integer`: numeric (or null); what is not finite becomes an empty cell.
 * - `localTime`: a DateTime64 or DateTime whose reading in UTC is the local time, as `localTimeExpression` makes it.
 * - `instant`: a DateTime64(3, 'UTC'). `boolean`: a Bool. `list`: an Array, as text its JSON.
 */
export type ColumnType = 'text' | 'id' | 'phone' | 'number' | 'integer' | 'localTime' | 'instant' | 'boolean' | 'list'

/** A column of a file. NULL and the empty string are both an empty cell. */
export interface Column {
  header: string
  type: ColumnType
  /** ClickHouse expression over the selection table, nullable or not. Holds no text from outside. */
  sql: string
  /** Most decimals of a `number`; all by default. */
  decimals?: number
  /** Width in a workbook, in characters. */
  width?: number
}

/** Whether a column's cells are strings. */
export function isString(type: ColumnType): boolean {
  return type !== 'number' && type !== 'integer' && type !== 'localTime'
}

/** Whether a spreadsheet could take a sender's text in such a column for a formula. */
export function mayHoldFormula(type: ColumnType): boolean {
  return type === 'text' || type === 'id'
}

/**
 * ClickHouse expression of a column's value as a plain string, never NULL; a local time is `YYYY-MM-DD HH:mm:ss`, an
 * instant ISO 8601 in UTC with milliseconds.
 */
export function plainText(column: Column): string {
  const { sql, type } = column
  if (type === 'number') return numberText(column)
  if (type === 'localTime') return `ifNull(formatDateTime(${sql}, '%Y-%m-%d %H:%i:%S', 'UTC'), '')`
  if (type === 'instant') return `ifNull(concat(replaceOne(toString(${sql}), ' ', 'T'), 'Z'), '')`
  if (type === 'list') return `if(empty(${sql}), '', toJSONString(${sql}))`
  return `ifNull(toString(${sql}), '')`
}

/** ClickHouse expression of a column's value in its own type, for formats that have types; NULL where a cell is empty. */
export function typedValue(column: Column): string {
  const { sql, type, decimals } = column
  switch (type) {
    case 'number': {
      const value = `toFloat64(${sql})`
      return `if(isFinite(${value}), ${decimals === undefined ? value : `round(${value}, ${decimals})`}, NULL)`
    }
    case 'integer':
      return `CAST(${sql}, 'Nullable(Int64)')`
    case 'boolean':
      return `CAST(${sql}, 'Nullable(Bool)')`
    case 'instant':
      return `CAST(${sql}, 'Nullable(DateTime64(3, \\'UTC\\'))')`
    case 'list':
      return sql
    default:
      return `nullIf(${plainText(column)}, '')`
  }
}

/**
 * The same as `plainText`, but a local time is a spreadsheet's serial number: days since 1899-12-30, to the second. (Serials below 61
 * are a day off in the 1900 system, which counts a 29 February 1900; nothing here is that old.)
 */
export function spreadsheetText(column: Column): string {
  if (column.type !== 'localTime') return plainText(column)
  const seconds = `floor(toUnixTimestamp64Milli(toDateTime64(${column.sql}, 3, 'UTC')) / 1000)`
  return `ifNull(toString(${seconds} / 86400 + 25569), '')`
}

function numberText({ sql, decimals }: Column): string {
  const value = `toFloat64(${sql})`
  return `if(isFinite(${value}), toString(${decimals === undefined ? value : `round(${value}, ${decimals})`}), '')`
}

/** A name made here as a ClickHouse identifier. */
export function identifier(name: string): string {
  return `\`${name.replaceAll('\\', '\\\\').replaceAll('`', '\\`')}\``
}

/** A text made here as a ClickHouse literal. */
export function literal(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
