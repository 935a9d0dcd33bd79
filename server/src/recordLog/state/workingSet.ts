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

/** A record that this commit writes, and whether readers see a difference (else only its row is written again). */
interface Draft {
  record: StoredRecord
  isChange: boolean
  /** Whether the unit wrote it more than once, so that its end may equal its beginning. */
  isAgain?: boolean
  /** What happened to the call on the way. */
  events: CallEvent[]
}

const dayMs = 24 * 60 * 60 * 1000

/**
 * The records of one turn in memory: what the store holds, with the changes of the turn's units over it.
 * A unit's changes are kept apart until it is known to be good, so that it can be dropped whole.
 */
export class WorkingSet {
  readonly #stored = new Map<string, StoredRecord>()
  readonly #callIds: ReadonlySet<string>
  readonly #accepted = new Map<string, Draft>()
  #command = new Map<string, Draft>()
  readonly #events: CallEvent[] = []
  readonly #days = new Set<number>()
  readonly #memory: Pick<AccountMemory, 'cache' | 'endpoints'>
  /** Calls of external endpoints as the store shows them, and as this commit leaves those that it writes. */
  readonly #storedEndpoints = new EndpointIndex()
  readonly #ownEndpoints = new EndpointIndex()
  /** Records of which no values were read, by place: good for being taken away, and for nothing else. */
  readonly #bare = new Map<string, StoredRecord>()
  /** Places where parts of a call may be; made when a call's parts are first asked for. A unit that was dropped left its own. */
  #parts: Map<string, Set<string>> | undefined
  #lastSeq: number
  #lastNumber: number

  /** What is in memory is newer than what was loaded. */
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

  /** Takes in what was loaded later; to be called before anything is written. */
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

  /** UTC days since 1970 on which calls ended, or had ended before, that this turn writes. */
  get days(): ReadonlySet<number> {
    return this.#days
  }

  /** What happened to calls in the units that were accepted and are announced. */
  get events(): readonly CallEvent[] {
    return this.#events
  }

  find(collectionName: string, key: string): StoredRecord | undefined {
    return this.#at(recordKeyOf(collectionName, key))
  }

  #at(recordKey: string): StoredRecord | undefined {
    return this.#command.get(recordKey)?.record ?? this.#acceptedAt(recordKey)
  }

  /** The record as the commands before this one left it. */
  #acceptedAt(recordKey: string): StoredRecord | undefined {
    return this.#accepted.get(recordKey)?.record ?? this.#memory.cache.find(recordKey) ?? this.#stored.get(recordKey)
  }

  /** A call that may be taken away; its values may not have been read. */
  findExpiring(callId: string): StoredRecord | undefined {
    return this.find('calls', callId) ?? this.#bare.get(recordKeyOf('calls', callId))
  }

  /** Whether there is such a call; where its hash is another's, it may be told of one too many. */
  hasCall(id: string): boolean {
    return this.#callIds.has(id) || this.find('calls', id) !== undefined
  }

  /** Every record of the collections that belongs to the call, as this unit sees it; the values may not have been read. */
  partsOf(collections: readonly Collection[], callId: string): StoredRecord[] {
    return this.#partKeysOf(callId).flatMap((recordKey) => {
      const record = this.#at(recordKey) ?? this.#bare.get(recordKey)
      return record?.callId === callId && collections.includes(record.collection) ? [record] : []
    })
  }

  /** Puts a record into the unit at a time; it stays a change when the unit changed it before. */
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

  /** Takes the unit's changes over and gives each its places, in the order in which they came. */
  acceptCommand(now: number, isAnnounced: boolean): void {
    for (const [recordKey, draft] of this.#command) {
      const { record } = draft
      const before = this.#acceptedAt(recordKey) ?? this.#bare.get(recordKey)
      // A key that comes twice may end as it began, above all when the same request is sent again.
      if (draft.isAgain && before?.removed === record.removed && isSameValues(before.values, record.values)) {
        draft.isChange = false
        if (isSameParts(before, record)) {
          draft.events = []
          // What was not told is not reached: the call is told of when it gets there to stay.
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

  /** What must be written at the end of the turn. */
  written(): StoredRecord[] {
    return [...this.#accepted.values()].map((draft) => draft.record)
  }

  /** Parts that came before their call show from now on: to those who follow the change order that is a change. */
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
   * Counts earlier calls of the same external endpoint, those of this turn too; a call without one repeats nobody. As
   * long as the call's external endpoint and start stay, so does the count.
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
    // A call counts as the newest of the three says.
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
