import type { FieldFault } from '../domain/checkRecord.ts'
import { AppError, type FaultDetail, type Refusal } from '../errors.ts'

/** A fault of a record as it was found; what is `noted` of it holds nothing that was sent, and leaves with no answer. */
export type RecordFault = FieldFault & { reason?: string }

/** Faults that an answer lists at the most. */
const maxListed = 100
/** Kinds of faults that are told apart by their fields at the most: unknown fields have names of the sender's choice. */
const maxKinds = 200

/**
 * What is wrong with the records of a request. It holds no more than an answer lists, however many faults there are: a few
 * bytes of a body can be a fault each.
 */
export class RecordFaults {
  #listed: FaultDetail[]
  #room = maxListed
  readonly #kinds: Map<string, Refusal>
  #records: number
  #lastIndex = -1

  /** Begins with the faults of others, of which a request that is checked again keeps its own. */
  constructor(others?: RecordFaults) {
    this.#listed = others ? [...others.#listed] : []
    this.#kinds = new Map(others ? [...others.#kinds].map(([name, kind]) => [name, { ...kind }]) : [])
    this.#records = others ? others.#records : 0
  }

  /** Records that have a fault. */
  get records(): number {
    return this.#records
  }

  /** Takes the faults of a record; records come in their order, and each once. */
  add(index: number, { noted, ...fault }: RecordFault): void {
    if (index !== this.#lastIndex) this.#records++
    this.#lastIndex = index
    if (this.#room-- > 0) this.#listed.push({ index, ...fault })
    const { field, rule } = noted ?? { field: fault.field, rule: fault.message }
    const name = `${field} ${rule}`
    const isTold = this.#kinds.has(name) || this.#kinds.size < maxKinds
    this.#count(isTold ? name : ` ${rule}`, { field: isTold ? field : '', rule })
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

  /** How many faults there are of each kind. */
  refusals(): Refusal[] {
    return [...this.#kinds.values()]
  }

  /** The failure that names the records that are wrong. */
  refusal(): AppError {
    const message = `${this.#records} ${this.#records === 1 ? 'record is' : 'records are'} not valid; nothing was stored.`
    return new AppError('VALIDATION_ERROR', message, { details: this.listed(), refusals: this.refusals() })
  }
}

/** The failure of a single record. */
export function refusalOf(faults: readonly RecordFault[]): AppError {
  const found = new RecordFaults()
  for (const fault of faults) found.add(0, fault)
  return found.refusal()
}
