import { languageTag } from './language.ts'
import { integer, type Field, type FieldType } from './fields.ts'
import { instantRange, isInstant, parseInstant } from './instant.ts'

/** The reason why a value is invalid; the text says what would be right. */
export class Fault {
  readonly message: string
  /** The message without sent values, for lists that other people than the sender read. */
  readonly rule: string

  constructor(message: string, rule = message) {
    this.message = message
    this.rule = rule
  }
}

const maxEntries = 1000
const maxAttributes = 100
/** The largest exact integer. */
const maxAttributeNumber = integer.max
const idPattern = /^[A-Za-z0-9_.:@+-]{1,128}$/
const attributePattern = /^[a-z0-9_]{1,64}$/

type Reader = (value: unknown) => unknown

/** Compiles the function that reads a field's value from JSON: it returns the stored form of the value, or a Fault. */
export function readerOf(field: Field): Reader {
  return readerOfType(field.type)
}

function readerOfType(type: FieldType): Reader {
  switch (type.kind) {
    case 'id':
      return readId
    case 'string':
      return type.isLanguage
        ? (value) => readLanguage(value, type.maxLength)
        : (value) => readString(value, type.maxLength)
    case 'oneOf':
      return oneOfReader(type.values)
    case 'number':
      return numberReader(type)
    case 'boolean':
      return (value) => (typeof value === 'boolean' ? value : new Fault('must be true or false.'))
    case 'time':
      return readTime
    case 'strings':
      return listReader((value) => readString(value, 256), 'strings')
    case 'integers':
      return listReader(numberReader(integer), 'integers')
    case 'objects':
      return listReader(objectReader(type.entries), 'objects')
    case 'attributes':
      return readAttributes
  }
}

/** A text field where an empty text means the same as no value. */
export function isOptionalText({ kind }: FieldType, { required }: { required?: boolean }): boolean {
  return kind === 'string' && !required
}

function readId(value: unknown): unknown {
  if (typeof value === 'string' && idPattern.test(value)) return value
  return new Fault('must be a string of 1 to 128 characters out of A-Z a-z 0-9 _ . : @ + -')
}

function readString(value: unknown, maxLength: number): unknown {
  if (typeof value !== 'string') return new Fault('must be a string.')
  if (maxLength > 256) {
    if (value.length > maxLength / 3 && Buffer.byteLength(value) > maxLength) {
      return new Fault(`is longer than ${maxLength} bytes (64 KiB).`)
    }
  } else if (value.length > maxLength && Array.from(value).length > maxLength) {
    return new Fault(`is longer than ${maxLength} characters.`)
  }
  if (!value.isWellFormed()) return new Fault('holds half a surrogate pair, which is no character.')
  if (value.includes('\0')) return new Fault('holds a null character (U+0000), which databases do not take.')
  return value
}

function readLanguage(value: unknown, maxLength: number): unknown {
  const read = readString(value, maxLength)
  return typeof read === 'string' ? languageTag(read) : read
}

function oneOfReader(values: readonly string[]): Reader {
  const known = new Set<unknown>(values)
  const fault = new Fault(`must be one of ${values.join(', ')}.`)
  return (value) => (known.has(value) ? value : fault)
}

function numberReader(type: Extract<FieldType, { kind: 'number' }>): Reader {
  const { min, max, integer = false } = type
  const kind = integer ? 'an integer' : 'a number'
  const fault = new Fault(`must be ${kind} from ${min} to ${max}.`)
  return (value) => {
    if (typeof value !== 'number' || !(value >= min && value <= max)) return fault
    if (integer && !Number.isInteger(value)) return fault
    return value
  }
}

function readTime(value: unknown): unknown {
  const instant = typeof value === 'string' ? parseInstant(value) : undefined
  if (instant === undefined)
    return new Fault('must be an RFC 3339 time with an offset, such as 2026-05-03T14:05:07.123Z.')
  return isInstant(instant) ? instant : new Fault(`${instantRange}.`)
}

function listReader(readEntry: Reader, what: string): Reader {
  return (value) => {
    if (!Array.isArray(value)) return new Fault(`must be a list of ${what}.`)
    if (value.length > maxEntries) {
      const limit = `at most ${maxEntries} are allowed.`
      return new Fault(`has ${value.length} entries; ${limit}`, `has too many entries; ${limit}`)
    }
    const entries: unknown[] = []
    for (const [index, entry] of value.entries()) {
      const read = readEntry(entry)
      if (read instanceof Fault) return new Fault(`[${index}] ${read.message}`, `[…] ${read.rule}`)
      entries.push(read)
    }
    return entries
  }
}

/** Returns entries in the order of the schema, so that equal lists have equal JSON; absent and null are the same. */
function objectReader(entries: Extract<FieldType, { kind: 'objects' }>['entries']): Reader {
  const readers = Object.entries(entries).map(([name, type]) => ({
    name,
    read: readerOfType(type),
    required: type.required,
    isOptional: isOptionalText(type, type),
  }))
  const names = Object.keys(entries)
  return (value) => {
    if (!isObject(value)) return new Fault(`must be an object with ${names.join(', ')}.`)
    const unknown = Object.keys(value).find((name) => !names.includes(name))
    if (unknown !== undefined) {
      const known = `it takes ${names.join(', ')}.`
      return new Fault(`has the unknown field ${quoted(unknown)}; ${known}`, `has an unknown field; ${known}`)
    }
    const result: Record<string, unknown> = {}
    for (const { name, read, required, isOptional } of readers) {
      const entry = value[name] ?? null
      if (entry === null || (entry === '' && isOptional)) {
        if (required) return new Fault(`.${name} is missing.`)
        result[name] = null
        continue
      }
      const kept = read(entry)
      if (kept instanceof Fault) return new Fault(`.${name} ${kept.message}`, `.${name} ${kept.rule}`)
      result[name] = kept
    }
    return result
  }
}

/** Names and values; a null clears its name. */
function readAttributes(value: unknown): unknown {
  if (!isObject(value)) return new Fault('must be an object of names and strings or numbers.')
  const names = Object.keys(value)
  if (names.length > maxAttributes) return new Fault(tooManyAttributes(names.length), tooManyAttributesRule)
  for (const name of names) {
    if (!attributePattern.test(name)) {
      const right = 'a name is 1 to 64 characters out of a-z 0-9 _'
      return new Fault(`has the name ${quoted(name)}; ${right}`, `has a name that cannot be; ${right}`)
    }
    const entry = value[name]
    if (entry === null) continue
    const read = readAttribute(entry)
    if (read instanceof Fault) return new Fault(`.${name} ${read.message}`, `has a value that ${read.rule}`)
  }
  return value
}

function readAttribute(entry: unknown): unknown {
  if (typeof entry === 'string') return readString(entry, 256)
  if (typeof entry !== 'number') return new Fault('must be a string or a number.')
  if (Math.abs(entry) <= maxAttributeNumber) return entry
  return new Fault(`must be a number from -${maxAttributeNumber} to ${maxAttributeNumber}, or a string.`)
}

export const tooManyAttributesRule = `has too many entries; at most ${maxAttributes} are allowed.`

export function tooManyAttributes(count: number): string {
  return `has ${count} entries; at most ${maxAttributes} are allowed.`
}

export function exceedsAttributes(value: unknown): boolean {
  return isObject(value) && Object.keys(value).length > maxAttributes
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A sent name, shortened for an error message. */
export function quoted(name: string): string {
  return JSON.stringify(name.length > 64 ? `${name.slice(0, 64)}…` : name)
}
