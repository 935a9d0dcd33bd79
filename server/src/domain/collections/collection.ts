import type { Field } from '../fields.ts'

/** A record as the program holds it: values by field name, times in milliseconds, absent fields missing. */
export type Values = Record<string, unknown>

/** One kind of record: its name in paths, its table, what identifies it, its fields, its rules. */
export interface Collection {
  /** As in `/v1/ingest/{name}`. */
  name: string
  table: string
  /** The identifier of a record: its own id, or the call's id for evaluations and surveys. */
  key: 'id' | 'callId'
  /** Parts carry `callId`, live with their call and are deleted with it. */
  isPart: boolean
  fields: readonly Field[]
  /** The derived values, computed again after each merge. */
  derive: (sent: Values) => Values
  /** Checks the merged record for faults that a single write does not show. */
  check: (merged: Values) => { field: string; message: string } | undefined
}

export const derivesNothing = (): Values => ({})
export const hasNoRule = (): undefined => undefined
