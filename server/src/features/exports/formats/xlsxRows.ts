import { type Column, isString, literal, spreadsheetText, textsOf } from './columns.ts'
import { renderSettings, type Selection } from './format.ts'
import { cellLimit, columnLetters, cutMark, styleOf } from './xlsxParts.ts'

/**
 * The statement whose answer (RawBLOB) is the rows of all sheets as XML, one a line: every line break inside a cell
 * is a character reference. The engine takes 0.2 s for what took JavaScript seconds (50,000 rows of 30 columns).
 */
export function rowsStatement(selection: Selection, rowsPerSheet: number): string {
  const { table, columns } = selection
  return `
WITH
  toString(earshot_position % ${rowsPerSheet} + 2) AS row,
  ${textsOf(columns, spreadsheetText)} AS values,
  arrayMap(value -> ${cutToLimit('value')}, values) AS cut,
  arrayMap(value -> ${escaped('value')}, cut) AS texts,
  arrayMap(
    (letters, begin, text, end) -> if(empty(text), '', concat('<c r="', letters, row, begin, ${keepSpace('text')}, text, end)),
    ${list(columns.map((_, index) => columnLetters(index)))},
    ${list(columns.map(cellBegin))},
    texts,
    ${list(columns.map(({ type }) => (isString(type) ? '</t></is></c>' : '</v></c>')))}
  ) AS cells
SELECT toValidUTF8(concat('<row r="', row, '">', arrayStringConcat(cells), '</row>\\n'))
FROM (
  SELECT
    *,
    rowNumberInAllBlocks() AS earshot_position
  FROM ${table}
)
${renderSettings(columns.length)}`
}

/** Texts as an array literal of SQL. */
function list(texts: string[]): string {
  return `[${texts.map(literal).join(', ')}]`
}

/** What stands between a cell's reference and its text; the tag is left open for `keepSpace`. */
function cellBegin(column: Column): string {
  const number = styleOf(column)
  const style = number === 0 ? '' : ` s="${number}"`
  return isString(column.type) ? `"${style} t="inlineStr"><is><t` : `"${style}><v`
}

/** XML readers drop white space at the edges unless they are told to keep it: 32, 9, 10, 13, and & of a reference. */
function keepSpace(text: string): string {
  const edges = `ascii(${text}) IN (32, 9, 38) OR ascii(substring(${text}, -1)) IN (32, 9, 59)`
  return `if(${edges}, ' xml:space="preserve">', '>')`
}

/** A text may have as many UTF-16 units as code points and half of its four-byte characters as many again. */
function cutToLimit(text: string): string {
  const kept = cellLimit - cutMark.length
  const astral = literal('[\\x{10000}-\\x{10FFFF}]')
  const units = `lengthUTF8(${text}) + countMatches(${text}, ${astral})`
  const cut = `substringUTF8(${text}, 1, ${kept} - countMatches(substringUTF8(${text}, 1, ${kept}), ${astral}))`
  return `if(length(${text}) > ${cellLimit} AND ${units} > ${cellLimit}, concat(${cut}, ${literal(cutMark)}), ${text})`
}

/**
 * Text as XML. Characters that XML forbids become Excel's own \`_xHHHH_\`, and what looks like such an escape already
 * gets its underscore escaped. Few values need any of it, so one search decides.
 */
function escaped(text: string): string {
  const forbidden = '\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x{fffe}\\x{ffff}'
  const needed = literal(`[<>&\\n\\r${forbidden}]|_x[0-9A-Fa-f]{4}_`)
  const literalEscapes = `if(match(${text}, '_x[0-9A-Fa-f]{4}_'), replaceAll(${text}, '_x', '_x005F_x'), ${text})`
  const lines = `replaceAll(replaceAll(encodeXMLComponent(${literalEscapes}), '\\n', '&#10;'), '\\r', '&#13;')`
  const controls = `arrayFold(
      (done, code) -> replaceAll(done, char(code), concat('_x00', hex(code), '_')),
      [0, 1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31]::Array(UInt8),
      ${lines}
    )`
  const all = `replaceAll(replaceAll(${controls}, '\\xef\\xbf\\xbe', '_xFFFE_'), '\\xef\\xbf\\xbf', '_xFFFF_')`
  return `if(match(${text}, ${needed}), if(match(${text}, ${literal(`[${forbidden}]`)}), ${all}, ${lines}), ${text})`
}
