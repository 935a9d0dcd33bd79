import { calls } from '../../domain/collections/calls.ts'
import type { Values } from '../../domain/collections/collection.ts'
import { isOptionalText } from '../../domain/readValue.ts'

const shownNames = new Set([
  'externalEndpoint',
  'channel',
  'status',
  'durationSeconds',
  'language',
  'startedAt',
  'endedAt',
  'requesterId',
  'requesterName',
  'ticketsCreated',
  'authenticated',
  'escalated',
  'sentiment',
  'toolsUsed',
])

const shownFields = calls.fields.filter(({ name }) => shownNames.has(name))

/** The columns of `calls` that items and details need; other columns are not read, because each costs time. */
export const shownColumns: string = [
  'calls.id AS id',
  'calls.number AS number',
  ...shownFields.map(({ column, type }) =>
    type.kind === 'time' ? `toUnixTimestamp64Milli(calls.${column}) AS ${column}_ms` : `calls.${column} AS ${column}`,
  ),
].join(',\n  ')

/** A call as this surface needs it. `values` holds the effective values of the fields shown. */
export interface ShownCall {
  id: string
  number: number
  values: Values
}

/** Reads a row of `shownColumns`. */
export function shownCall(row: Record<string, unknown>): ShownCall {
  const values: Values = {}
  for (const field of shownFields) {
    const { name, column, type } = field
    const cell = row[type.kind === 'time' ? `${column}_ms` : column]
    // Earlier versions could store an empty text; it means the same as none.
    if (cell === '' && isOptionalText(type, field)) continue
    if (cell !== null && cell !== undefined) values[name] = cell
  }
  return { id: String(row['id']), number: Number(row['number']), values }
}
