import type { Column, ColumnType } from './columns.ts'

/** Numbers of the cell styles in `stylesXml`, by what a cell holds; 0 is the one that need not be named. */
const styles: Record<ColumnType | 'header' | 'share', number> = {
  text: 0,
  number: 0,
  header: 1,
  localTime: 2,
  integer: 3,
  // Text format: what a reader edits stays text.
  id: 4,
  phone: 4,
  instant: 4,
  boolean: 4,
  list: 0,
  date: 5,
  share: 6,
}

/** The number of a column's cell style. */
export function styleOf({ type, isShare }: Pick<Column, 'type' | 'isShare'>): number {
  return isShare ? styles.share : styles[type]
}

/** Most UTF-16 units that Excel keeps in a cell, and what stands at the end of a text that was cut. */
export const cellLimit = 32_767
export const cutMark = '… [truncated]'

const declaration = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
const mainNamespace = 'http://schemas.openxmlformats.org/spreadsheetml/2006/main'
const relationships = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const packageNamespace = 'http://schemas.openxmlformats.org/package/2006'
const contentTypes = 'application/vnd.openxmlformats-officedocument.spreadsheetml'

const defaultWidths: Record<ColumnType, number> = {
  text: 24,
  id: 24,
  phone: 16,
  number: 12,
  integer: 12,
  date: 12,
  localTime: 20,
  instant: 24,
  boolean: 8,
  list: 24,
}

/** Every part of the workbook that does not hold rows: path and content. */
export function fixedParts(names: readonly string[]): [path: string, content: string][] {
  return [
    ['[Content_Types].xml', contentTypesXml(names.length)],
    ['_rels/.rels', relationshipsXml([['officeDocument', 'xl/workbook.xml']])],
    ['xl/workbook.xml', workbookXml(names)],
    [
      'xl/_rels/workbook.xml.rels',
      relationshipsXml([
        ...names.map((_, sheet): [string, string] => ['worksheet', `worksheets/sheet${sheet + 1}.xml`]),
        ['styles', 'styles.xml'],
      ]),
    ],
    ['xl/styles.xml', stylesXml()],
  ]
}

/** Path of a sheet (from 0) in the workbook. */
export function sheetPath(sheet: number): string {
  return `xl/worksheets/sheet${sheet + 1}.xml`
}

/** Names for `count` sheets that Excel takes: at most 31 characters, none of []:*?/\ and no quote at an end. */
export function sheetNames(name: string, count: number): string[] {
  const allowed = name.replaceAll(/[[\]:*?/\\\p{Cc}]/gu, ' ').replaceAll(/^[\s']+|[\s']+$/g, '') || 'Sheet'
  return Array.from({ length: count }, (_, sheet) => {
    const suffix = sheet === 0 ? '' : ` ${sheet + 1}`
    return `${allowed.slice(0, 31 - suffix.length).toWellFormed()}${suffix}`
  })
}

/** Letters of a column (from 0): A … Z, AA … XFD. */
export function columnLetters(index: number): string {
  const rest = Math.floor(index / 26)
  return `${rest === 0 ? '' : columnLetters(rest - 1)}${String.fromCharCode(65 + (index % 26))}`
}

/** A sheet up to its first row of data. */
export function sheetStart(columns: readonly Column[], rowCount: number): string {
  const widths = columns.map(({ type, width }, index) => {
    return `<col min="${index + 1}" max="${index + 1}" width="${width ?? defaultWidths[type]}" customWidth="1"/>`
  })
  const headers = columns.map(({ header, title }, index) => {
    return `<c r="${columnLetters(index)}1" s="${styles.header}" t="inlineStr"><is><t xml:space="preserve">${escapeText(title ?? header)}</t></is></c>`
  })
  return (
    `${declaration}<worksheet xmlns="${mainNamespace}"><dimension ref="${wholeRange(columns.length, rowCount)}"/>` +
    '<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>' +
    '<selection pane="bottomLeft"/></sheetView></sheetViews>' +
    `<cols>${widths.join('')}</cols><sheetData>\n<row r="1">${headers.join('')}</row>\n`
  )
}

/** A sheet after its last row: a filter, and no warnings about digits kept as text. */
export function sheetEnd(columnCount: number, rowCount: number): string {
  const range = wholeRange(columnCount, rowCount)
  return (
    `</sheetData><autoFilter ref="${range}"/>` +
    `<ignoredErrors><ignoredError sqref="${range}" numberStoredAsText="1"/></ignoredErrors></worksheet>`
  )
}

function wholeRange(columnCount: number, rowCount: number): string {
  return `A1:${columnLetters(columnCount - 1)}${rowCount + 1}`
}

/** Text as XML, by the same rules as the rows' SQL: cut to what a cell holds, with Excel's `_xHHHH_` for what XML forbids. */
function escapeText(text: string): string {
  return (text.length > cellLimit ? `${text.slice(0, cellLimit - cutMark.length)}${cutMark}` : text)
    .toWellFormed()
    .replaceAll(/_x(?=[0-9A-Fa-f]{4}_)/g, '_x005F_x')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\n', '&#10;')
    .replaceAll('\r', '&#13;')
    .replaceAll(/[^\t\x20-\ufffd]/g, (character) => {
      return `_x${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`
    })
}

function contentTypesXml(sheets: number): string {
  const overrides = Array.from({ length: sheets }, (_, sheet) => {
    return `<Override PartName="/${sheetPath(sheet)}" ContentType="${contentTypes}.worksheet+xml"/>`
  })
  return (
    `${declaration}<Types xmlns="${packageNamespace}/content-types">` +
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>' +
    '<Default Extension="xml" ContentType="application/xml"/>' +
    `<Override PartName="/xl/workbook.xml" ContentType="${contentTypes}.sheet.main+xml"/>` +
    `<Override PartName="/xl/styles.xml" ContentType="${contentTypes}.styles+xml"/>${overrides.join('')}</Types>`
  )
}

function relationshipsXml(targets: readonly [type: string, target: string][]): string {
  const entries = targets.map(([type, target], index) => {
    return `<Relationship Id="rId${index + 1}" Type="${relationships}/${type}" Target="${target}"/>`
  })
  return `${declaration}<Relationships xmlns="${packageNamespace}/relationships">${entries.join('')}</Relationships>`
}

function workbookXml(names: readonly string[]): string {
  const sheets = names.map((name, index) => {
    return `<sheet name="${escapeText(name)}" sheetId="${index + 1}" r:id="rId${index + 1}"/>`
  })
  return `${declaration}<workbook xmlns="${mainNamespace}" xmlns:r="${relationships}"><sheets>${sheets.join('')}</sheets></workbook>`
}

function stylesXml(): string {
  return (
    `${declaration}<styleSheet xmlns="${mainNamespace}">` +
    '<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/>' +
    '<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd"/></numFmts>' +
    '<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font><font><b/><sz val="11"/><name val="Calibri"/></font></fonts>' +
    '<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>' +
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>' +
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>' +
    '<cellXfs count="7"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>' +
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>' +
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>' +
    '<xf numFmtId="1" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>' +
    '<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>' +
    '<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>' +
    // Built in: 0.00%.
    '<xf numFmtId="10" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs>' +
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>'
  )
}
