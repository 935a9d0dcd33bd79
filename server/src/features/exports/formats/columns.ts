/**
 * What a column holds:
 * - `text`: anything a person or a sender wrote; `id`: an identifier; `phone`: a telephone number or endpoint. All three
 *   are strings, and stay strings in a workbook.
 * - `number`, `integer`: numeric (or null); what is not finite becomes an empty cell.
 * - `date`: a local day as text, `YYYY-MM-DD`.
 * - `localTime`: a DateTime64 or DateTime whose reading in UTC is the local time, as `localTimeExpression` makes it.
 * - `instant`: a DateTime64(3, 'UTC'). `boolean`: a Bool. `list`: an Array, as text its JSON.
 */
export type ColumnType =
  | 'text'
  | 'id'
  | 'phone'
  | 'number'
  | 'integer'
  | 'date'
  | 'localTime'
  | 'instant'
  | 'boolean'
  | 'list'

/** A column of a file. NULL and the empty string are both an empty cell. */
export interface Column {
  header: string
  type: ColumnType
  /** ClickHouse expression over the selection table, nullable or not. Holds no text from outside. */
  sql: string
  /** Most decimals of a `number`; all by default. */
  decimals?: number
  /** Whether a `number` is a share of 1, which a workbook shows in per cent. */
  isShare?: boolean
  /** The header in a workbook, where people read it in words; as in other files by default. */
  title?: string
  /** Width in a workbook, in characters. */
  width?: number
  /**
   * ClickHouse expression of an array of texts that this column and those beside it with the same expression make up: with
   * thousands of columns, one expression for each would take minutes.
   */
  spread?: string
}

/** Whether a column's cells are strings. */
export function isString(type: ColumnType): boolean {
  return !['number', 'integer', 'date', 'localTime'].includes(type)
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

/** ClickHouse expression of the texts of all columns, in their order: an array. `textOf` is the expression of one. */
export function textsOf(columns: readonly Column[], textOf: (column: Column) => string): string {
  const runs = columns.map(({ spread }, index) =>
    spread !== undefined && spread === columns[index - 1]?.spread ? '' : spread,
  )
  const arrays: string[] = []
  let single: string[] = []
  const endSingle = (): void => {
    if (single.length > 0) arrays.push(`[\n    ${single.join(',\n    ')}\n  ]`)
    single = []
  }
  for (const [index, column] of columns.entries()) {
    const run = runs[index]
    if (run === undefined) single.push(textOf(column))
    else if (run !== '') {
      endSingle()
      arrays.push(run)
    }
  }
  endSingle()
  return arrays.length === 1 ? (arrays[0] ?? '') : `arrayConcat(${arrays.join(', ')})`
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
    case 'date':
      return `CAST(${sql}, 'Nullable(Date32)')`
    case 'instant':
      return `CAST(${sql}, 'Nullable(DateTime64(3, \\'UTC\\'))')`
    case 'list':
      return sql
    default:
      return `nullIf(${plainText(column)}, '')`
  }
}

/**
 * The same as `plainText`, but a date and a local time are a spreadsheet's serial number: days since 1899-12-30, to the
 * second. Before March 1900 they are days since a day later, because spreadsheets count a 29 February 1900.
 */
export function spreadsheetText(column: Column): string {
  const { sql, type } = column
  if (type === 'date') return serialText(`toInt32(CAST(${sql}, 'Nullable(Date32)'))`)
  if (type !== 'localTime') return plainText(column)
  return serialText(`floor(toUnixTimestamp64Milli(toDateTime64(${sql}, 3, 'UTC')) / 1000) / 86400`)
}

function serialText(daysSince1970: string): string {
  const serial = `(${daysSince1970} + 25569)`
  return `ifNull(toString(${serial} - (${serial} < 61)), '')`
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
