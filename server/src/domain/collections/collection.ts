import type { Field } from '../fields.ts'

/** A record as the program holds it: values by field name, times in milliseconds, absent fields missing. */
export type Values = Record<string, unknown>

/** One kind of record: its name in paths, its table, what identifies it, its fields, its rules. */
export interface Collection {
  /** As in `/v1/ingest/{name}`. */
  name: string
  table: string
  /** What identifies a record: its own id, or for evaluations and surveys the call's. */
  key: 'id' | 'callId'
  /** Parts carry `callId`, live with their call and are deleted with it. */
  isPart: boolean
  fields: readonly Field[]
  /** The values that follow from what was sent; worked out anew after each merge. */
  derive: (sent: Values) => Values
  /** Faults that only the merged record shows. */
  check: (merged: Values) => { field: string; message: string } | undefined
}

export const derivesNothing = (): Values => ({})
export const hasNoRule = (): undefined => undefined
