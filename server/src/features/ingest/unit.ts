import type { Collection } from '../../domain/collections/collection.ts'
import type { Write } from '../../domain/checkRecord.ts'
import type { AppError, FaultDetail } from '../../errors.ts'

/** A record of a request that passed its own checks, with its place in the request. */
export interface IndexedWrite {
  index: number
  write: Write
}

/** What one request wants done; it is applied whole or, if it does not skip, not at all. */
export interface Unit {
  work:
    | { kind: 'merge'; collection: Collection; writes: IndexedWrite[]; skipsFaults: boolean }
    | { kind: 'remove'; collection: Collection; key: string }
    | { kind: 'replaceTurns'; callId: string; writes: IndexedWrite[] }
  /** Faults found before the turn, where the request skips them. */
  faults: FaultDetail[]
  /** Only checked and counted. */
  isDryRun: boolean
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
}

/** Faults that an answer lists at the most. */
export const mostFaults = 100

export function noCounts(): IngestCounts {
  return { accepted: 0, created: 0, updated: 0, unchanged: 0, rejected: 0, errors: [] }
}

/** How much work a unit is, for the size of a group. */
export function sizeOf(unit: Unit): number {
  return unit.work.kind === 'remove' ? 1 : unit.work.writes.length
}
