import type { Collection } from '../../domain/collections/collection.ts'
import { integer, time, type FieldType } from '../../domain/fields.ts'
import { AppError } from '../../errors.ts'

/** What a change can say of a record: one of its own fields, or one of its places. */
export interface ChangeColumn {
  name: string
  column: string
  type: FieldType
  description: string
  /** Needed when a record is first written. */
  required: boolean
  /** Set by the program alone. */
  assigned: boolean
  /** Whether a deleted record still has it. */
  outlives: boolean
}

/** Every column of a collection's changes, in their order; `deleted` comes besides. */
export function changeColumns(collection: Collection): ChangeColumn[] {
  const own = collection.fields.map(({ assigned = false, ...field }) => ({
    ...field,
    assigned,
    outlives: field.name === collection.key || (collection.isPart && field.name === 'callId'),
  }))
  const number = collection.name === 'calls' ? [place('number', 'number', integer, numberMeaning)] : []
  return [...own, ...number, ...places]
}

const numberMeaning = '1, 2, 3 … in order of first acceptance; never reused.'

function place(name: string, column: string, type: FieldType, description: string): ChangeColumn {
  return { name, column, type, description, required: false, assigned: true, outlives: true }
}

const places = [
  place('createdAt', 'created_at', time, 'When it first came.'),
  place('updatedAt', 'updated_at', time, 'When it last changed, or was deleted.'),
  place('sequence', 'seq', integer, "Its place in the account's change order."),
]

/**
 * The columns that a reader chose; what identifies a record and its place always come. All when none are named. Throws
 * BAD_REQUEST for a name that is none.
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
