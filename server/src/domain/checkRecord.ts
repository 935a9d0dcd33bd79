import type { Collection } from './collections/collection.ts'
import type { Field } from './fields.ts'
import { parseInstant } from './instant.ts'
import { Fault, isObject, isOptionalText, quoted, readerOf } from './readValue.ts'

/** One record as it was sent, checked: the fields to set, with null for those to clear. */
export interface Write {
  key: string
  set: Record<string, unknown>
  /** The revision as an integer, times in milliseconds; undefined applies the write in the order of arrival. */
  revision: number | undefined
}

export interface FieldFault {
  field: string
  message: string
  /** The same without anything that was sent, where the field or the message quotes it. */
  noted?: { field: string; rule: string }
}

/** The maximum number of reported faults per record. */
const maxFaults = 100

interface Checker {
  readers: Map<string, { read: (value: unknown) => unknown; field: Field; isOptionalText: boolean }>
  key: string
}

const checkers = new Map<string, Checker>()

function checkerOf(collection: Collection): Checker {
  let checker = checkers.get(collection.name)
  if (!checker) {
    checker = {
      readers: new Map(
        collection.fields
          .filter((field) => !field.assigned)
          .map((field) => [
            field.name,
            { read: readerOf(field), field, isOptionalText: isOptionalText(field.type, field) },
          ]),
      ),
      key: collection.key,
    }
    checkers.set(collection.name, checker)
  }
  return checker
}

/** Checks one record without the stored data: names, types, limits, its key. */
export function checkRecord(collection: Collection, record: unknown): Write | FieldFault[] {
  if (!isObject(record)) return [{ field: '', message: 'a record must be a JSON object.' }]
  const { readers, key } = checkerOf(collection)
  const set: Record<string, unknown> = {}
  const faults: FieldFault[] = []
  let revision: number | undefined
  for (const name in record) {
    if (faults.length === maxFaults) break
    const value = record[name]
    if (name === 'revision') {
      revision = readRevision(value)
      if (revision === undefined && value !== null) {
        faults.push({ field: name, message: 'must be an integer or an RFC 3339 time.' })
      }
      continue
    }
    const known = readers.get(name)
    if (!known) {
      const noted = { field: notedName(name), rule: `is not a field of ${collection.name}.` }
      faults.push({ field: cut(name), message: `${quoted(name)} is not a field of ${collection.name}.`, noted })
    } else if (value === null || (value === '' && known.isOptionalText)) {
      if (known.field.required) faults.push({ field: name, message: 'is required and cannot be cleared.' })
      else set[name] = null
    } else {
      const read = known.read(value)
      if (read instanceof Fault) faults.push(faultOf(name, read))
      else set[name] = read
    }
  }
  requireKeys(collection, record, faults)
  return faults.length > 0 ? faults : { key: String(set[key]), set, revision }
}

function faultOf(name: string, { message, rule }: Fault): FieldFault {
  return { field: name, message: `${name} ${message}`, noted: { field: name, rule: `${name} ${rule}` } }
}

function requireKeys(collection: Collection, record: Record<string, unknown>, faults: FieldFault[]): void {
  if (record[collection.key] === undefined)
    faults.push({ field: collection.key, message: `${collection.key} is required.` })
  if (collection.isPart && collection.key !== 'callId' && record['callId'] === undefined) {
    faults.push({ field: 'callId', message: 'callId is required on every write of a part.' })
  }
}

function readRevision(value: unknown): number | undefined {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value
  return typeof value === 'string' ? parseInstant(value) : undefined
}

/** An unknown name if it looks like a field name; a name with digits or spaces may contain personal data. */
function notedName(name: string): string {
  return /^[a-z][A-Za-z_]{0,47}\d{0,2}$/.test(name) ? name : ''
}

export function cut(name: string): string {
  return name.length > 64 ? `${name.slice(0, 64)}…` : name
}
