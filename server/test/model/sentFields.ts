import type { Collection } from '../../src/domain/collections/collection.ts'
import type { FieldType } from '../../src/domain/fields.ts'

/** What was sent for a field, null where it was cleared, and at which revision; attributes stand as `attributes.name`. */
export type Sent = Map<string, { value: unknown; revision: number | undefined }>

/** The contract's merging: a lower revision leaves alone what a higher one set or cleared; others apply as they come. */
export function mergeSent(before: Sent | undefined, write: Record<string, unknown>, collection: Collection): Sent {
  const sent: Sent = new Map(before)
  const revision = revisionOf(write['revision'])
  const put = (name: string, value: unknown): void => {
    const last = sent.get(name)?.revision
    if (revision !== undefined && last !== undefined && revision < last) return
    sent.set(name, { value, revision: revision ?? last })
  }
  for (const field of collection.fields) {
    const value = write[field.name]
    if (value === undefined) continue
    if (field.type.kind !== 'attributes') put(field.name, keptValue(field.type, value, field.required))
    else if (value === null) clearAttributes(sent, put, revision)
    else setAttributes(sent, put, Object(value), revision)
  }
  return sent
}

function clearAttributes(sent: Sent, put: (name: string, value: unknown) => void, revision: number | undefined): void {
  const last = sent.get('attributes')?.revision
  if (revision !== undefined && last !== undefined && revision < last) return
  put('attributes', null)
  for (const [name, entry] of sent) {
    if (!name.startsWith('attributes.')) continue
    if (revision !== undefined && entry.revision !== undefined && entry.revision > revision) continue
    sent.set(name, { value: null, revision: entry.revision })
  }
}

function setAttributes(
  sent: Sent,
  put: (name: string, value: unknown) => void,
  values: Record<string, unknown>,
  revision: number | undefined,
): void {
  const cleared = sent.get('attributes')?.revision
  if (revision !== undefined && cleared !== undefined && revision < cleared) return
  for (const [name, value] of Object.entries(values)) put(`attributes.${name}`, value)
}

function revisionOf(value: unknown): number | undefined {
  if (typeof value === 'number') return value
  return typeof value === 'string' ? Date.parse(value) : undefined
}

/** Equal values have equal JSON: times in UTC, entries of lists in the order of their schema. An empty optional text is none. */
function keptValue(type: FieldType, value: unknown, isRequired = false): unknown {
  if (value === null || (value === '' && type.kind === 'string' && !isRequired)) return null
  if (type.kind === 'time') return new Date(instantOf(value)).toISOString()
  if (type.kind !== 'objects' || !Array.isArray(value)) return value
  return value.map((entry: Record<string, unknown>) =>
    Object.fromEntries(
      Object.entries(type.entries).map(([name, own]) => [name, keptValue(own, entry[name] ?? null, own.required)]),
    ),
  )
}

function instantOf(value: unknown): number {
  return Date.parse(String(value))
}

/** A value as it is shown: entries without what was not sent, but for an answer or a note, which may be null. */
export function shownValue(type: FieldType, value: unknown): unknown {
  if (type.kind === 'attributes' && Array.isArray(value)) return Object.fromEntries(value)
  if (type.kind !== 'objects' || !Array.isArray(value)) return value
  return value.map((entry: Record<string, unknown>) =>
    Object.fromEntries(
      Object.entries(entry).filter(([name, own]) => own !== null || name === 'answer' || name === 'note'),
    ),
  )
}
