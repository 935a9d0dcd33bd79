import { isDeepStrictEqual } from 'node:util'
import type { Collection } from '../../domain/collections/collection.ts'
import { isSameValues } from '../../domain/mergeRecord.ts'
import type { StoredRecord } from '../storedRecord.ts'
import { endpointCallOf, type EndpointCall } from '../rows/endpoints.ts'
import type { AccountMemory } from './accountMemory.ts'
import { EndpointIndex } from './endpointIndex.ts'
import type { Loaded } from './loadRecords.ts'
import { recordKeyOf } from './recordCache.ts'
import { transitionsOf, type CallEvent } from '../callEvents.ts'

/** A record that this commit writes. */
interface Draft {
  record: StoredRecord
  /** Whether readers see a difference; otherwise only the row is written again. */
  isChange: boolean
  /** Whether the command wrote it more than once, so that its final values may equal the original ones. */
  isAgain?: boolean
  /** Events of the call in this command. */
  events: CallEvent[]
}

const dayMs = 24 * 60 * 60 * 1000

/**
 * The records of one commit in memory: the stored records, overlaid with the changes of the commit's commands. The
 * changes of the current command are separate until it succeeds, so that a failed command can be dropped as a whole.
 */
export class WorkingSet {
  readonly #stored = new Map<string, StoredRecord>()
  readonly #callIds: ReadonlySet<string>
  readonly #accepted = new Map<string, Draft>()
  #command = new Map<string, Draft>()
  readonly #events: CallEvent[] = []
  readonly #days = new Set<number>()
  readonly #memory: Pick<AccountMemory, 'cache' | 'endpoints'>
  /** Calls by external endpoint: as stored, and as this commit writes them. */
  readonly #storedEndpoints = new EndpointIndex()
  readonly #ownEndpoints = new EndpointIndex()
  /** Records that were read without values, by record key: usable only for deletion. */
  readonly #bare = new Map<string, StoredRecord>()
  /** Record keys of the parts of each call, built on the first use; it may list parts of dropped commands. */
  #parts: Map<string, Set<string>> | undefined
  #lastSeq: number
  #lastNumber: number

  /** Records in memory win over loaded ones, because they are newer. */
  constructor(
    loaded: Loaded,
    memory: Pick<AccountMemory, 'cache' | 'endpoints'>,
    last: { seq: number; number: number },
  ) {
    this.#memory = memory
    this.#callIds = loaded.callIds
    for (const record of loaded.bare) this.#bare.set(recordKeyOf(record.collection.name, record.key), record)
    this.addLoaded(loaded)
    this.#lastSeq = last.seq
    this.#lastNumber = last.number
  }

  /** Adds records that were loaded later; to be called before anything is written. */
  addLoaded({ records, endpointCalls }: Pick<Loaded, 'records' | 'endpointCalls'>): void {
    for (const record of records) this.#stored.set(recordKeyOf(record.collection.name, record.key), record)
    for (const call of endpointCalls) this.#storedEndpoints.put(call.number, call)
  }

  get lastSeq(): number {
    return this.#lastSeq
  }

  get lastNumber(): number {
    return this.#lastNumber
  }

  /** UTC days since 1970 on which the written calls end now or ended before the change. */
  get days(): ReadonlySet<number> {
    return this.#days
  }

  /** Events of calls from the accepted commands that are announced. */
  get events(): readonly CallEvent[] {
    return this.#events
  }

  find(collectionName: string, key: string): StoredRecord | undefined {
    return this.#at(recordKeyOf(collectionName, key))
  }

  #at(recordKey: string): StoredRecord | undefined {
    return this.#command.get(recordKey)?.record ?? this.#acceptedAt(recordKey)
  }

  /** The record after the earlier commands of this commit. */
  #acceptedAt(recordKey: string): StoredRecord | undefined {
    return this.#accepted.get(recordKey)?.record ?? this.#memory.cache.find(recordKey) ?? this.#stored.get(recordKey)
  }

  /** A call that may be deleted; its values may be missing. */
  findExpiring(callId: string): StoredRecord | undefined {
    return this.find('calls', callId) ?? this.#bare.get(recordKeyOf('calls', callId))
  }

  /** Whether the call exists. When another call has the same hash, the answer may be true for a call that does not. */
  hasCall(id: string): boolean {
    return this.#callIds.has(id) || this.find('calls', id) !== undefined
  }

  /** The call's records in the given collections, as this command sees them; their values may be missing. */
  partsOf(collections: readonly Collection[], callId: string): StoredRecord[] {
    return this.#partKeysOf(callId).flatMap((recordKey) => {
      const record = this.#at(recordKey) ?? this.#bare.get(recordKey)
      return record?.callId === callId && collections.includes(record.collection) ? [record] : []
    })
  }

  /** Adds a record to the current command; it stays a change when the command changed it before. */
  put(record: StoredRecord, isChange: boolean, now: number): void {
    const recordKey = recordKeyOf(record.collection.name, record.key)
    const earlier = this.#command.get(recordKey)
    const isCall = record.collection.name === 'calls'
    const events = isCall ? transitionsOf(this.find('calls', record.key), record, now) : []
    this.#command.set(recordKey, {
      record,
      isChange: isChange || (earlier?.isChange ?? false),
      isAgain: earlier !== undefined,
      events: earlier ? [...earlier.events, ...events] : events,
    })
    if (this.#parts) notePart(this.#parts, recordKey, record)
  }

  dropCommand(): void {
    this.#command = new Map()
  }

  /** Accepts the changes of the current command and assigns their counters in the order of the writes. */
  acceptCommand(now: number, isAnnounced: boolean): void {
    for (const [recordKey, draft] of this.#command) {
      const { record } = draft
      const before = this.#acceptedAt(recordKey) ?? this.#bare.get(recordKey)
      // A key that occurs twice in a command may end with its original values, especially when a request is sent again.
      if (draft.isAgain && before?.removed === record.removed && isSameValues(before.values, record.values)) {
        draft.isChange = false
        if (isSameParts(before, record)) {
          draft.events = []
          // An event that is not sent must not count as reached: the event is sent when the call reaches the state for
          // good.
          record.reached = before.reached
        }
      }
      if (isAnnounced) this.#events.push(...draft.events)
      if (draft.isChange) {
        record.seq = ++this.#lastSeq
        record.firstSeq ||= record.seq
        record.updatedAt = now
      }
      if (record.collection.name === 'calls') {
        if (record.number === 0) {
          record.number = ++this.#lastNumber
          this.#showEarlyParts(record.key, now)
        }
        this.#deriveRepeatCalls(record, before)
        this.#noteDay(before)
        this.#noteDay(record)
      }
      const earlier = this.#accepted.get(recordKey)
      this.#accepted.set(recordKey, { record, isChange: draft.isChange || (earlier?.isChange ?? false), events: [] })
    }
    this.#command = new Map()
  }

  /** The records that the commit must write. */
  written(): StoredRecord[] {
    return [...this.#accepted.values()].map((draft) => draft.record)
  }

  /** Early parts become visible with their call, so they get a new `seq` for clients that follow the change order. */
  #showEarlyParts(callId: string, now: number): void {
    const early = this.#partKeysOf(callId).flatMap((recordKey) => {
      const record = this.#acceptedAt(recordKey)
      return record?.callId === callId && !record.removed ? [{ recordKey, record }] : []
    })
    for (const { recordKey, record } of early.sort((left, right) => left.record.seq - right.record.seq)) {
      const shown = { ...record, seq: ++this.#lastSeq, updatedAt: now }
      this.#accepted.set(recordKey, { record: shown, isChange: true, events: [] })
    }
  }

  #partKeysOf(callId: string): string[] {
    this.#parts ??= this.#partsByCall()
    return [...new Set([...(this.#parts.get(callId) ?? []), ...this.#memory.cache.partsOf(callId)])]
  }

  #partsByCall(): Map<string, Set<string>> {
    const parts = new Map<string, Set<string>>()
    for (const [recordKey, record] of this.#bare) notePart(parts, recordKey, record)
    for (const [recordKey, record] of this.#stored) notePart(parts, recordKey, record)
    for (const [recordKey, { record }] of [...this.#accepted, ...this.#command]) notePart(parts, recordKey, record)
    return parts
  }

  /**
   * Counts the earlier calls of the same external endpoint, including those of this commit; a call without an endpoint
   * has no count. The count stays the same while the call's external endpoint and start do.
   */
  #deriveRepeatCalls(call: StoredRecord, before: StoredRecord | undefined): void {
    const here = endpointCallOf(call)
    this.#ownEndpoints.put(call.number, here)
    if (call.removed) return
    if (call.values['dailyRepeatCalls'] === undefined) {
      const known = before && !before.removed ? before.derived['dailyRepeatCalls'] : undefined
      const isSame = before !== undefined && isDeepStrictEqual(endpointCallOf(before), here)
      call.derived['dailyRepeatCalls'] = known !== undefined && isSame ? known : this.#countEarlier(here)
    }
  }

  #noteDay(call: StoredRecord | undefined): void {
    const endedAt = call?.values['endedAt'] ?? call?.derived['endedAt']
    if (typeof endedAt === 'number') this.#days.add(Math.floor(endedAt / dayMs))
  }

  #countEarlier(here: EndpointCall | undefined): number {
    if (!here) return 0
    const isEarlier = ({ number, startedAt }: EndpointCall): boolean =>
      number < here.number && startedAt >= here.startedAt - dayMs && startedAt < here.startedAt
    let count = 0
    const newer: EndpointIndex[] = []
    // The first index that knows a call is the newest and decides.
    for (const index of [this.#ownEndpoints, this.#memory.endpoints, this.#storedEndpoints]) {
      for (const other of index.callsOf(here.endpoint)) {
        if (isEarlier(other) && !newer.some((known) => known.knows(other.number))) count++
      }
      newer.push(index)
    }
    return count
  }
}

function isSameParts(left: StoredRecord, right: StoredRecord): boolean {
  return isDeepStrictEqual([left.evaluation, left.survey], [right.evaluation, right.survey])
}

function notePart(parts: Map<string, Set<string>>, recordKey: string, { collection, callId }: StoredRecord): void {
  if (!collection.isPart || callId === undefined) return
  const known = parts.get(callId)
  if (known) known.add(recordKey)
  else parts.set(callId, new Set([recordKey]))
}
