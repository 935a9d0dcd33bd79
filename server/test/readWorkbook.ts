import { createRequire } from 'node:module'
import type { Readable } from 'node:stream'
import { text } from 'node:stream/consumers'

/** What a cell shows: text, a number, or a local time `YYYY-MM-DD HH:mm:ss` (a number under a date format). */
export type Cell = { text: string } | { number: number } | { time: string } | undefined

export interface Sheet {
  name: string
  rows: Cell[][]
  xml: string
}

interface Element {
  name: string
  attributes: Map<string, string>
  children: Element[]
  text: string
}

interface ZipEntry {
  fileName: string
}

interface Yauzl {
  fromBufferPromise(file: Buffer): Promise<{
    eachEntry(): AsyncIterable<ZipEntry>
    openReadStreamPromise(entry: ZipEntry): Promise<Readable>
  }>
}

// It brings no types.
const require = createRequire(import.meta.url)
const yauzl: Yauzl = require('yauzl')

/** Reads an .xlsx file as strictly as the standard allows; throws for anything that is not well formed. */
export async function readWorkbook(file: Buffer): Promise<Sheet[]> {
  const parts = new Map<string, string>()
  const zip = await yauzl.fromBufferPromise(file)
  for await (const entry of zip.eachEntry()) {
    parts.set(entry.fileName, await text(await zip.openReadStreamPromise(entry)))
  }
  const part = (path: string) => parts.get(path) ?? fail(`no part ${path}`)
  const targets = new Map(
    parseXml(part('xl/_rels/workbook.xml.rels')).children.map((entry) => [
      attribute(entry, 'Id'),
      attribute(entry, 'Target'),
    ]),
  )
  const formats = dateStyles(parseXml(part('xl/styles.xml')))
  return child(parseXml(part('xl/workbook.xml')), 'sheets').children.map((sheet) => {
    const xml = part(`xl/${targets.get(attribute(sheet, 'r:id'))}`)
    return { name: attribute(sheet, 'name'), rows: readRows(parseXml(xml), formats), xml }
  })
}

/** For each cell style, whether it shows a date. */
function dateStyles(styles: Element): boolean[] {
  const dates = child(styles, 'numFmts').children.filter((format) => /[yd]/.test(attribute(format, 'formatCode')))
  const ids = new Set(dates.map((format) => attribute(format, 'numFmtId')))
  return child(styles, 'cellXfs').children.map((style) => ids.has(attribute(style, 'numFmtId')))
}

function readRows(worksheet: Element, dates: boolean[]): Cell[][] {
  return child(worksheet, 'sheetData').children.map((row, index) => {
    if (attribute(row, 'r') !== String(index + 1)) fail('a row out of order')
    const cells: Cell[] = []
    for (const cell of row.children) {
      const [, letters = '', number] = /^([A-Z]{1,3})(\d+)$/.exec(attribute(cell, 'r')) ?? []
      const column = letters.split('').reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0) - 1
      if (number !== String(index + 1) || column < cells.length) fail('a cell out of order')
      while (cells.length < column) cells.push(undefined)
      cells.push(readCell(cell, dates))
    }
    return cells
  })
}

function readCell(cell: Element, dates: boolean[]): Cell {
  if (cell.attributes.get('t') === 'inlineStr') {
    const run = child(child(cell, 'is'), 't')
    const kept =
      run.attributes.get('xml:space') === 'preserve' ? run.text : run.text.replaceAll(/^[ \t\n\r]+|[ \t\n\r]+$/g, '')
    return { text: kept.replaceAll(/_x([0-9A-Fa-f]{4})_/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16))) }
  }
  const number = Number(child(cell, 'v').text || fail('an empty number'))
  if (!Number.isFinite(number)) fail('not a number')
  if (!dates[Number(cell.attributes.get('s') ?? 0)]) return { number }
  const time = new Date(Math.round((number - 25_569) * 86_400_000))
  return { time: time.toISOString().slice(0, 19).replace('T', ' ') }
}

const token = /<\?[^?]*\?>|<(\/?)([A-Za-z][\w:]*)((?: [\w:]+="[^"<]*")*)(\/?)>|([^<]+)/gy

function parseXml(xml: string): Element {
  // eslint-disable-next-line no-control-regex
  if (/[^\t\n\r\x20-\ufffd]/.test(xml) || !xml.isWellFormed()) fail('a character that XML forbids')
  const root: Element = { name: '', attributes: new Map(), children: [], text: '' }
  const open = [root]
  token.lastIndex = 0
  while (token.lastIndex < xml.length) {
    const at = token.lastIndex
    const [whole, closing, name, attributes = '', single, content] =
      token.exec(xml) ?? fail(`not XML: ${xml.slice(at, at + 80)}`)
    const current = open.at(-1) ?? fail('text after the end')
    if (content !== undefined) current.text += unescape(content.replaceAll(/\r\n?/g, '\n'))
    if (name === undefined || whole.startsWith('<?')) continue
    if (closing) {
      if (open.pop()?.name !== name) fail(`a stray </${name}>`)
      continue
    }
    const pairs = [...attributes.matchAll(/ ([\w:]+)="([^"]*)"/g)].map(
      ([, key = '', value = '']) => [key, unescape(value)] as const,
    )
    const element = { name, attributes: new Map(pairs), children: [], text: '' }
    if (element.attributes.size !== pairs.length) fail('an attribute twice')
    current.children.push(element)
    if (!single) open.push(element)
  }
  if (open.length !== 1) fail('an element that is not closed')
  return root.children[0] ?? fail('nothing')
}

const entities = new Map([
  ['lt', '<'],
  ['gt', '>'],
  ['amp', '&'],
  ['quot', '"'],
  ['apos', "'"],
])

function unescape(content: string): string {
  return content.replaceAll(/&([^;]*);?/g, (_, name: string) => {
    const [, code] = /^#(\d+)$/.exec(name) ?? []
    return code ? String.fromCodePoint(Number(code)) : (entities.get(name) ?? fail(`the entity ${name}`))
  })
}

function child(element: Element, name: string): Element {
  return element.children.find((entry) => entry.name === name) ?? fail(`no <${name}> in <${element.name}>`)
}

function attribute(element: Element, name: string): string {
  return element.attributes.get(name) ?? fail(`no ${name} in <${element.name}>`)
}

function fail(what: string): never {
  throw new Error(`The workbook has ${what}.`)
}
