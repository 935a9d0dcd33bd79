import type { Collection, Values } from '../domain/collections/collection.ts'
import type { Merged } from '../domain/mergeRecord.ts'

/**
 * Why a record is removed: `deleted` is final; `replaced` is a turn that a replacement left out and a later one may
 * restore.
 */
export const removal = { none: 0, deleted: 1, replaced: 2 } as const

/** A record as stored: the sent values, the derived values, and its position in the change order. */
export interface StoredRecord extends Merged {
  collection: Collection
  key: string
  /** The call of a part; a call's own id for a call; undefined for references. */
  callId: string | undefined
  derived: Values
  /** A call's number; 0 for others. */
  number: number
  /** Position in the account's change order. */
  seq: number
  /** The `seq` of the first write, for collections with several parts per call; 0 for others. */
  firstSeq: number
  createdAt: number
  updatedAt: number
  removed: number
  /** On a call: copies of the values of its evaluation and survey, for queries on calls. */
  evaluation: Values | undefined
  survey: Values | undefined
  /** On a call: the milestones that it has reached, as bits (see callEvents.ts); 0 for others. */
  reached: number
  /** On a call: its external endpoint in the key table. */
  knownEndpoint: string | undefined
  /** On a part: it arrived before its call, and the commit writes that into the key table. */
  isEarly: boolean
  /** The length of its row when this process last wrote it; 0 before. */
  rowBytes: number
  /** On a part: it was read from the store, so the key table has its key already. */
  hasKey: boolean
}

/** The values that readers see: derived values, overridden by sent values. */
export function effectiveValues(record: StoredRecord): Values {
  return { ...record.derived, ...record.values }
}
