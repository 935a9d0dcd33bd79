import { cut, type FieldFault } from '../../domain/checkRecord.ts'
import type { Scan } from '../../domain/jsonScan.ts'

/** Maximum bytes of a record as sent, without surrounding white space. */
const maxRecordBytes = 1024 * 1024
/** Maximum JSON values in a record; far more than a record with all fields and full lists has. */
const maxValues = 25_000

const tooLarge = { field: '', message: 'a record may have at most 1 MiB.' }
const tooManyValues = { field: '', message: `a record may hold at most ${maxValues} values.` }

/** Returns the fault of a record that is too large to parse, given its bytes and its count of values. */
export function sizeFault(bytes: number, values: number): FieldFault | undefined {
  if (bytes > maxRecordBytes) return tooLarge
  return values > maxValues ? tooManyValues : undefined
}

/** Finds what `JSON.parse` loses silently: a repeated name, or a number that a double cannot hold. */
export function lossFault(text: string, record: unknown, scan: Scan): FieldFault | undefined {
  if (!scan.hasLongNumber && scan.names === countNames(record)) return undefined
  return findLoss(text)
}

/** Counts the names in a record down to the allowed depth; deeper values are refused elsewhere. */
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

/** Finds the first such loss in a well-formed text and the field that contains it. */
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

/**
 * Returns whether a double represents the sent number exactly, either in as many digits as were sent or in its shortest
 * form.
 */
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
