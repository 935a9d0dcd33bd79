import { partCollections } from '../domain/collections/all.ts'
import type { Collection } from '../domain/collections/collection.ts'
import { turns } from '../domain/collections/parts.ts'
import type { Write } from '../domain/checkRecord.ts'
import type { AppError, FaultDetail, Refusal } from '../errors.ts'
import { RecordFaults } from './recordFaults.ts'
import type { StoredRecord } from './storedRecord.ts'

/** A record of a request that passed its own checks, with its index in the request. */
export interface IndexedWrite {
  index: number
  write: Write
}

/**
 * Calls whose retention time is over, and what to delete from them. The commit checks them again, so that it respects a
 * legal hold, a corrected end or a new recording. `records` estimates how many records will be deleted.
 */
export type Expiry = { kind: 'expire'; callIds: string[]; records: number } & (
  | { what: 'calls' | 'turns'; numbers: number[]; endedBefore: number }
  | { what: 'recordings'; recordingIds: ReadonlySet<string> }
  /** Parts of one collection whose call never arrived. */
  | { what: 'earlyParts'; collection: Collection; receivedBefore: number }
)

/**
 * A change of a call by the program itself. `decide` runs within the commit, while no other command can change the
 * call; undefined leaves the call unchanged. `decide` runs again when another process commits first.
 */
export interface CallChange {
  kind: 'changeCall'
  callId: string
  decide(call: StoredRecord | undefined): Promise<Write['set'] | undefined>
}

/** The work of one request. A commit applies all of it or none of it, except where `skipsFaults` leaves records out. */
export interface Command {
  work:
    | { kind: 'merge'; collection: Collection; writes: IndexedWrite[]; skipsFaults: boolean }
    | { kind: 'remove'; collection: Collection; key: string }
    | { kind: 'replaceTurns'; callId: string; writes: IndexedWrite[] }
    | CallChange
    | Expiry
  /** Faults found before the commit, where the request skips them. */
  faults: RecordFaults
  /** Whether the command is only checked and counted, and stores nothing. */
  isDryRun: boolean
  /** Whether webhook endpoints receive events for its changes. */
  isAnnounced: boolean
  idempotency: { key: string; requestHash: Buffer } | undefined
  resolve: (counts: IngestCounts) => void
  reject: (error: AppError) => void
}

/** A command that any fault rejects as a whole, that sends webhook events, and that keeps no answer. */
export function plainCommand(work: Command['work'], { isAnnounced = true } = {}): Omit<Command, 'resolve' | 'reject'> {
  return { work, faults: new RecordFaults(), isDryRun: false, isAnnounced, idempotency: undefined }
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
  /** All faults of the rejected records by kind; not part of the answer. */
  refusals?: Refusal[]
}

export function noCounts(): IngestCounts {
  return { accepted: 0, created: 0, updated: 0, unchanged: 0, rejected: 0, errors: [] }
}

/** The part collections from which the expiry deletes records. */
export function partsToExpire(work: Expiry): readonly Collection[] {
  if (work.what === 'calls') return partCollections
  if (work.what === 'turns') return [turns]
  return work.what === 'earlyParts' ? [work.collection] : []
}

/** The number of records of a command, which limits the size of a group. */
export function sizeOf(command: Command): number {
  const { work } = command
  if (work.kind === 'expire') return work.records
  return work.kind === 'remove' || work.kind === 'changeCall' ? 1 : work.writes.length
}
