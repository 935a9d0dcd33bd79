import type { Collection } from '../../domain/collections/collection.ts'
import type { Write } from '../../domain/checkRecord.ts'
import type { AppError, FaultDetail, Refusal } from '../../errors.ts'
import type { RecordFault } from './recordFaults.ts'

/** A record of a request that passed its own checks, with its place in the request. */
export interface IndexedWrite {
  index: number
  write: Write
}

/**
 * Calls whose time is over: what of them goes. Looked at again within the turn, so that a legal hold, a corrected end or
 * another recording is never passed over.
 */
export type Expiry = { kind: 'expire' } & (
  | { what: 'calls' | 'turns'; callIds: string[]; endedBefore: number }
  | { what: 'recordings'; callIds: string[]; recordingIds: ReadonlySet<string> }
)

/** What one request wants done; it is applied whole or, if it does not skip, not at all. */
export interface Unit {
  work:
    | { kind: 'merge'; collection: Collection; writes: IndexedWrite[]; skipsFaults: boolean }
    | { kind: 'remove'; collection: Collection; key: string }
    | { kind: 'replaceTurns'; callId: string; writes: IndexedWrite[] }
    | Expiry
  /** Faults found before the turn, where the request skips them. */
  faults: RecordFault[]
  /** Only checked and counted. */
  isDryRun: boolean
  /** Whether endpoints are told of what it changes. */
  isAnnounced: boolean
  idempotency: { key: string; requestHash: Buffer } | undefined
  resolve: (counts: IngestCounts) => void
  reject: (error: AppError) => void
}

/** The answer to an ingestion request. */
export interface IngestCounts {
  accepted: number
  created: number
  updated: number
  unchanged: number
  /** Records removed: by a deletion with all its parts, or by a replacement of turns. */
  deleted?: number
  rejected: number
  errors: FaultDetail[]
  /** What was wrong with the rejected records, all of them: no part of the answer. */
  refusals?: Refusal[]
}

export function noCounts(): IngestCounts {
  return { accepted: 0, created: 0, updated: 0, unchanged: 0, rejected: 0, errors: [] }
}

/** How much work a unit is, for the size of a group. */
export function sizeOf(unit: Unit): number {
  const { work } = unit
  if (work.kind === 'expire') return work.callIds.length
  return work.kind === 'remove' ? 1 : work.writes.length
}
