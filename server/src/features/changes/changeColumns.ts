import type { Collection } from '../../domain/collections/collection.ts'
import { integer, time, type FieldType } from '../../domain/fields.ts'
import { AppError } from '../../errors.ts'

/** A column of a change: a field of the record, or one of its numbers and times that the server assigns. */
export interface ChangeColumn {
  name: string
  column: string
  type: FieldType
  description: string
  /** Whether the field is required when a record is first written. */
  required: boolean
  /** Whether only the server sets it. */
  assigned: boolean
  /** Whether a deleted record still has it. */
  outlives: boolean
}

/** Returns every column of a collection's changes in their order; `deleted` is added separately. */
export function changeColumns(collection: Collection): ChangeColumn[] {
  const own = collection.fields.map(({ assigned = false, ...field }) => ({
    ...field,
    assigned,
    outlives: field.name === collection.key || (collection.isPart && field.name === 'callId'),
  }))
  const number = collection.name === 'calls' ? [assignedColumn('number', 'number', integer, numberMeaning)] : []
  return [...own, ...number, ...assignedColumns]
}

const numberMeaning = '1, 2, 3 … in order of first acceptance; never reused.'

function assignedColumn(name: string, column: string, type: FieldType, description: string): ChangeColumn {
  return { name, column, type, description, required: false, assigned: true, outlives: true }
}

const assignedColumns = [
  assignedColumn('createdAt', 'created_at', time, 'When it first came.'),
  assignedColumn('updatedAt', 'updated_at', time, 'When it last changed, or was deleted.'),
  assignedColumn('sequence', 'seq', integer, "Its place in the account's change order."),
]

/**
 * Returns the chosen columns, always with the identifying ones and the sequence; all columns when `names` is empty.
 * Throws BAD_REQUEST for an unknown name.
 */
export function chosenColumns(collection: Collection, names: readonly string[]): ChangeColumn[] {
  const all = changeColumns(collection)
  const unknown = names.find((name) => name !== 'deleted' && !all.some((column) => column.name === name))
  if (unknown !== undefined) {
    const known = all.map((column) => column.name).join(', ')
    throw new AppError(
      'BAD_REQUEST',
      `fields names ${JSON.stringify(unknown.slice(0, 64))}, which ${collection.name} do not have; they have ${known}.`,
    )
  }
  if (names.length === 0) return all
  const always = new Set([collection.key, ...(collection.isPart ? ['callId'] : []), 'sequence', ...names])
  return all.filter((column) => always.has(column.name))
}
