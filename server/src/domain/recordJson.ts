import type { Collection, Values } from './collections/collection.ts'
import { formatInstant } from './instant.ts'

/** A record in the form of the ingestion contract: fields in their order, times as text, without absent fields. */
export function recordJson(collection: Collection, values: Values): Record<string, unknown> {
  const json: Record<string, unknown> = {}
  for (const field of collection.fields) {
    const value = values[field.name]
    if (value === undefined) continue
    if (field.type.kind === 'time') json[field.name] = formatInstant(Number(value))
    else if (field.type.kind === 'objects' && Array.isArray(value)) json[field.name] = value.map(withoutNulls)
    else json[field.name] = value
  }
  return json
}

/** Leaves out entries that are stored as null because they were not sent; an `answer` may be null and stays. */
function withoutNulls(entry: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(entry).filter(([name, value]) => value !== null || keepsNull.has(name)))
}

/** Entries of listed objects that are shown even when they are null. */
export const keepsNull: ReadonlySet<string> = new Set(['answer', 'note'])
