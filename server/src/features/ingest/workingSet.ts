import { isDeepStrictEqual } from 'node:util'
import { isSameValues } from '../../domain/mergeRecord.ts'
import type { StoredRecord } from './storedRecord.ts'
import { endpointCallOf, type EndpointCall } from './endpoints.ts'

/** A record that this turn writes, and whether readers see a difference (else only its row is written again). */
interface Draft {
  record: StoredRecord
  isChange: boolean
  /** Whether the unit wrote it more than once, so that its end may equal its beginning. */
  isAgain?: boolean
}

const dayMs = 24 * 60 * 60 * 1000

/**
 * The records of one turn in memory: what the store holds, with the changes of the turn's units over it.
 * A unit's changes are kept apart until it is known to be good, so that it can be dropped whole.
 */
export class WorkingSet {
  readonly #stored = new Map<string, StoredRecord>()
  readonly #accepted = new Map<string, Draft>()
  #unit = new Map<string, Draft>()
  readonly #endpoints = new Map<string, EndpointCall[]>()
  #lastSeq: number
  #lastNumber: number

  /** `pending` are the records of earlier turns that ClickHouse may not show yet, oldest first; they stand over `stored`. */
  constructor(
    stored: StoredRecord[],
    endpointCalls: EndpointCall[],
    pending: StoredRecord[],
    last: { seq: number; number: number },
  ) {
    for (const record of [...stored, ...pending]) this.#stored.set(placeOf(record.collection.name, record.key), record)
    for (const call of endpointCalls) this.#addEndpointCall(call)
    for (const record of pending) {
      const call = record.collection.name === 'calls' ? endpointCallOf(record) : undefined
      if (call) this.#addEndpointCall(call)
    }
    this.#lastSeq = last.seq
    this.#lastNumber = last.number
  }

  get lastSeq(): number {
    return this.#lastSeq
  }

  get lastNumber(): number {
    return this.#lastNumber
  }

  find(collectionName: string, key: string): StoredRecord | undefined {
    const place = placeOf(collectionName, key)
    return this.#unit.get(place)?.record ?? this.#accepted.get(place)?.record ?? this.#stored.get(place)
  }

  /** Every record of the collection that belongs to the call, as this unit sees it. */
  partsOf(collectionName: string, callId: string): StoredRecord[] {
    const found = new Map<string, StoredRecord>()
    const prefix = placeOf(collectionName, '')
    const consider = (place: string, record: StoredRecord): void => {
      if (place.startsWith(prefix) && record.callId === callId) found.set(place, record)
    }
    for (const [place, record] of this.#stored) consider(place, record)
    for (const [place, draft] of this.#accepted) consider(place, draft.record)
    for (const [place, draft] of this.#unit) consider(place, draft.record)
    return [...found.values()]
  }

  /** Puts a record into the unit; it stays a change when the unit changed it before. */
  put(record: StoredRecord, isChange: boolean): void {
    const place = placeOf(record.collection.name, record.key)
    const earlier = this.#unit.get(place)
    this.#unit.set(place, {
      record,
      isChange: isChange || (earlier?.isChange ?? false),
      isAgain: earlier !== undefined,
    })
  }

  dropUnit(): void {
    this.#unit = new Map()
  }

  /** Takes the unit's changes over and gives each its places, in the order in which they came. */
  acceptUnit(now: number): void {
    for (const [place, draft] of this.#unit) {
      const { record } = draft
      const before = this.#accepted.get(place)?.record ?? this.#stored.get(place)
      // A key that comes twice may end as it began, above all when the same request is sent again.
      if (draft.isAgain && before?.removed === record.removed && isSameValues(before.values, record.values)) {
        draft.isChange = false
      }
      if (draft.isChange) {
        record.seq = ++this.#lastSeq
        record.updatedAt = now
      }
      if (record.collection.name === 'calls') {
        if (record.number === 0) record.number = ++this.#lastNumber
        this.#deriveRepeatCalls(record, before)
      }
      const earlier = this.#accepted.get(place)
      this.#accepted.set(place, { record, isChange: draft.isChange || (earlier?.isChange ?? false) })
    }
    this.#unit = new Map()
  }

  /** What must be written at the end of the turn. */
  written(): StoredRecord[] {
    return [...this.#accepted.values()].map((draft) => draft.record)
  }

  /**
   * Counts earlier calls between the same endpoints, those of this turn too; a call without an external endpoint repeats
   * nobody. As long as the call's endpoints and start stay, so does the count.
   */
  #deriveRepeatCalls(call: StoredRecord, before: StoredRecord | undefined): void {
    if (call.removed) return
    const here = endpointCallOf(call)
    if (call.values['dailyRepeatCalls'] === undefined) {
      const known = before && !before.removed ? before.derived['dailyRepeatCalls'] : undefined
      const isSame = before !== undefined && isDeepStrictEqual(endpointCallOf(before), here)
      call.derived['dailyRepeatCalls'] = known !== undefined && isSame ? known : this.#countEarlier(here)
    }
    if (here) this.#addEndpointCall(here)
  }

  #countEarlier(here: EndpointCall | undefined): number {
    if (!here) return 0
    const others = this.#endpoints.get(here.endpoints) ?? []
    return others.filter(
      (other) =>
        other.number < here.number && other.startedAt >= here.startedAt - dayMs && other.startedAt < here.startedAt,
    ).length
  }

  #addEndpointCall(call: EndpointCall): void {
    const known = this.#endpoints.get(call.endpoints)
    if (!known) this.#endpoints.set(call.endpoints, [call])
    else {
      const index = known.findIndex((other) => other.number === call.number)
      if (index < 0) known.push(call)
      else known[index] = call
    }
  }
}

function placeOf(collectionName: string, key: string): string {
  return `${collectionName} ${key}`
}
