import type { Collection, Values } from '../domain/collections/collection.ts'
import type { Merged } from '../domain/mergeRecord.ts'

/** Why a record is gone: deleted for good, or a turn that a replacement left out and may bring back. */
export const removal = { none: 0, deleted: 1, replaced: 2 } as const

/** A record as the store holds it: what was sent, what follows from it, and its places. */
export interface StoredRecord extends Merged {
  collection: Collection
  key: string
  /** The call of a part; a call's own id for a call; undefined for references. */
  callId: string | undefined
  derived: Values
  /** A call's number; 0 for others. */
  number: number
  /** Place in the account's change order. */
  seq: number
  /** Of a part of which a call has several: its first place in that order, which stays; 0 for others. */
  firstSeq: number
  createdAt: number
  updatedAt: number
  removed: number
  /** On a call: the values of its evaluation and survey, copied for those who read calls. */
  evaluation: Values | undefined
  survey: Values | undefined
  /** On a call: milestones that it has reached, as bits (see transitions.ts); 0 for others. */
  reached: number
  /** On a call: the external endpoint under which the key table knows it. */
  knownEndpoint: string | undefined
  /** On a part: it came before its call in this process, and the key table is told. */
  isEarly: boolean
  /** The length of its row as it was last written here; 0 before. */
  rowBytes: number
  /** On a part: it was read from the store, so the key table has its key, which says no more than that there is one. */
  hasKey: boolean
}

/** The values that every reading shows: those that were sent, and those that follow. */
export function effectiveValues(record: StoredRecord): Values {
  return { ...record.derived, ...record.values }
}
