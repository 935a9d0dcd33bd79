import { cut, type FieldFault } from '../../domain/checkRecord.ts'
import type { Scan } from '../../domain/jsonScan.ts'

/** A record is so large as it is sent, without the spaces around it. */
const maxRecordBytes = 1024 * 1024
/** Far more than a record with all its fields and lists full. */
const maxValues = 25_000

const tooLarge = { field: '', message: 'a record may have at most 1 MiB.' }
const tooManyValues = { field: '', message: `a record may hold at most ${maxValues} values.` }

/** Why a record must not even be parsed, told by its size and what was counted of it. */
export function sizeFault(bytes: number, values: number): FieldFault | undefined {
  if (bytes > maxRecordBytes) return tooLarge
  return values > maxValues ? tooManyValues : undefined
}

/** What parsing passes over without a word: a name that comes twice, a number that no double holds. */
export function lossFault(text: string, record: unknown, scan: Scan): FieldFault | undefined {
  if (!scan.hasLongNumber && scan.names === countNames(record)) return undefined
  return findLoss(text)
}

/** The names in a record as deep as records go; what lies deeper is refused for that. */
function countNames(record: unknown, deeper = 2): number {
  if (typeof record !== 'object' || record === null) return 0
  let names = 0
  if (Array.isArray(record)) {
    for (const entry of record) if (typeof entry === 'object') names += countNames(entry, deeper - 1)
    return names
  }
  const values: Record<string, unknown> = Object(record)
  for (const name in values) {
    names++
    const value = values[name]
    if (typeof value === 'object' && deeper > 0) names += countNames(value, deeper - 1)
  }
  return names
}

const token = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|[{}[\]:]/g

/** The first loss in a well-formed text, with the field that it lies in. */
function findLoss(text: string): FieldFault | undefined {
  const open: (Set<string> | undefined)[] = []
  let field = ''
  let last = ''
  for (const [word] of text.matchAll(token)) {
    if (word === '{') open.push(new Set())
    else if (word === '[') open.push(undefined)
    else if (word === '}' || word === ']') open.pop()
    else if (word === ':') {
      const name = String(JSON.parse(last))
      const names = open.at(-1)
      if (open.length === 1) field = name
      if (names?.has(name)) return repeated(field, name, open.length === 1)
      names?.add(name)
    } else if (word.startsWith('"')) last = word
    else if (!isHeldExactly(word)) return inexact(field)
  }
  return undefined
}

function repeated(field: string, name: string, isOwn: boolean): FieldFault {
  const message = `${isOwn ? '' : `${cut(field)}: `}the name ${JSON.stringify(cut(name))} comes twice in one object; send it once.`
  return { field: cut(field), message, noted: { field: '', rule: 'a name comes twice in one object; send it once.' } }
}

function inexact(field: string): FieldFault {
  const rule = 'a number has more digits than can be kept exactly; send at most 15 significant ones.'
  return { field: cut(field), message: `${cut(field)}: ${rule}`, noted: { field: '', rule } }
}

/** Whether a double written with the digits that were sent, or with as few as it needs, is the number that was sent. */
export function isHeldExactly(number: string): boolean {
  const digits = significantDigits(number)
  if (digits.length <= 15) return true
  const value = Number(number)
  return (
    digits === significantDigits(String(value)) ||
    (digits.length <= 100 && digits === significantDigits(value.toPrecision(digits.length)))
  )
}

function significantDigits(number: string): string {
  const [mantissa = ''] = number.replace('-', '').split(/[eE]/)
  return mantissa.replace('.', '').replace(/^0+/, '').replace(/0+$/, '')
}
