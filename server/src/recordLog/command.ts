import { partCollections } from '../domain/collections/all.ts'
import type { Collection } from '../domain/collections/collection.ts'
import { turns } from '../domain/collections/parts.ts'
import type { Write } from '../domain/checkRecord.ts'
import type { AppError, FaultDetail, Refusal } from '../errors.ts'
import { RecordFaults } from './recordFaults.ts'
import type { StoredRecord } from './storedRecord.ts'

/** A record of a request that passed its own checks, with its place in the request. */
export interface IndexedWrite {
  index: number
  write: Write
}

/**
 * Calls whose time is over: what of them goes. Looked at again within the turn, so that a legal hold, a corrected end or
 * another recording is never passed over. `records` is how many are thought to go.
 */
export type Expiry = { kind: 'expire'; callIds: string[]; records: number } & (
  | { what: 'calls' | 'turns'; numbers: number[]; endedBefore: number }
  | { what: 'recordings'; recordingIds: ReadonlySet<string> }
  /** Parts of one collection whose call never came. */
  | { what: 'earlyParts'; collection: Collection; receivedBefore: number }
)

/**
 * A change of a call by the program itself. What is set is decided within the turn, when nobody else can change the call;
 * undefined leaves it as it is. Called again when another process takes the turn first.
 */
export interface CallChange {
  kind: 'changeCall'
  callId: string
  decide(call: StoredRecord | undefined): Promise<Write['set'] | undefined>
}

/** What one request wants done; it is applied whole or, if it does not skip, not at all. */
export interface Command {
  work:
    | { kind: 'merge'; collection: Collection; writes: IndexedWrite[]; skipsFaults: boolean }
    | { kind: 'remove'; collection: Collection; key: string }
    | { kind: 'replaceTurns'; callId: string; writes: IndexedWrite[] }
    | CallChange
    | Expiry
  /** Faults found before the turn, where the request skips them. */
  faults: RecordFaults
  /** Only checked and counted. */
  isDryRun: boolean
  /** Whether endpoints are told of what it changes. */
  isAnnounced: boolean
  idempotency: { key: string; requestHash: Buffer } | undefined
  resolve: (counts: IngestCounts) => void
  reject: (error: AppError) => void
}

/** A unit that is refused whole for any fault, is told of, and has no answer to keep. */
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
  /** What was wrong with the rejected records, all of them: no part of the answer. */
  refusals?: Refusal[]
}

export function noCounts(): IngestCounts {
  return { accepted: 0, created: 0, updated: 0, unchanged: 0, rejected: 0, errors: [] }
}

/** The collections whose records go with it, the calls themselves aside. */
export function partsToExpire(work: Expiry): readonly Collection[] {
  if (work.what === 'calls') return partCollections
  if (work.what === 'turns') return [turns]
  return work.what === 'earlyParts' ? [work.collection] : []
}

/** How much work a unit is, for the size of a group. */
export function sizeOf(command: Command): number {
  const { work } = command
  if (work.kind === 'expire') return work.records
  return work.kind === 'remove' || work.kind === 'changeCall' ? 1 : work.writes.length
}
