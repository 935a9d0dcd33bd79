import type { FieldFault } from '../domain/checkRecord.ts'
import { AppError, type FaultDetail, type Refusal } from '../errors.ts'

/** A fault of a record. `noted` contains no sent value, and does not appear in an answer. */
export type RecordFault = FieldFault & { reason?: string }

/** The maximum number of faults in an answer. */
const maxListed = 100
/** The maximum number of kinds with a field name, because the sender chooses the names of unknown fields. */
const maxKinds = 200

/**
 * The faults of a request's records. It stores only as many faults as an answer lists, because a large body can contain
 * a fault in every few bytes.
 */
export class RecordFaults {
  #listed: FaultDetail[]
  #freeSlots = maxListed
  readonly #kinds: Map<string, Refusal>
  #records: number
  #lastIndex = -1

  /** Starts with a copy of other faults, so that checking a request again does not change the original. */
  constructor(others?: RecordFaults) {
    this.#listed = others ? [...others.#listed] : []
    this.#kinds = new Map(others ? [...others.#kinds].map(([name, kind]) => [name, { ...kind }]) : [])
    this.#records = others ? others.#records : 0
  }

  /** The number of records that have a fault. */
  get records(): number {
    return this.#records
  }

  /** Adds a fault of a record. All faults of one record must be added before those of the next. */
  add(index: number, { noted, ...fault }: RecordFault): void {
    if (index !== this.#lastIndex) this.#records++
    this.#lastIndex = index
    if (this.#freeSlots-- > 0) this.#listed.push({ index, ...fault })
    const { field, rule } = noted ?? { field: fault.field, rule: fault.message }
    const name = `${field} ${rule}`
    const keepsField = this.#kinds.has(name) || this.#kinds.size < maxKinds
    this.#count(keepsField ? name : ` ${rule}`, { field: keepsField ? field : '', rule })
  }

  #count(name: string, kind: { field: string; rule: string }): void {
    const known = this.#kinds.get(name)
    if (known) known.records++
    else this.#kinds.set(name, { ...kind, records: 1 })
  }

  /** The first faults in the order of the records, as an answer lists them. */
  listed(): FaultDetail[] {
    return this.#listed.toSorted((left, right) => Number(left.index) - Number(right.index)).slice(0, maxListed)
  }

  /** The number of faults of each kind. */
  refusals(): Refusal[] {
    return [...this.#kinds.values()]
  }

  /** The error that lists the invalid records. */
  refusal(): AppError {
    const message = `${this.#records} ${this.#records === 1 ? 'record is' : 'records are'} not valid; nothing was stored.`
    return new AppError('VALIDATION_ERROR', message, { details: this.listed(), refusals: this.refusals() })
  }
}

/** The error for a single invalid record. */
export function refusalOf(faults: readonly RecordFault[]): AppError {
  const found = new RecordFaults()
  for (const fault of faults) found.add(0, fault)
  return found.refusal()
}
