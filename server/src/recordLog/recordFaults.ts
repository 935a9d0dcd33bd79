import { AppError, type FaultDetail, type Refusal } from '../errors.ts'

/** A fault of a record as it was found; what is `noted` of it holds nothing that was sent, and leaves with no answer. */
export interface RecordFault extends FaultDetail {
  noted?: { field: string; rule: string }
}

/** Faults that an answer lists at the most. */
const mostFaults = 100

/** The failure that names every record that is wrong. */
export function refused(faults: readonly RecordFault[]): AppError {
  const many = new Set(faults.map((fault) => fault.index)).size
  const message = `${many} ${many === 1 ? 'record is' : 'records are'} not valid; nothing was stored.`
  return new AppError('VALIDATION_ERROR', message, { details: shownFaults(faults), refusals: countRefusals(faults) })
}

/** The first faults in the order of the records, as an answer lists them. */
export function shownFaults(faults: readonly RecordFault[]): FaultDetail[] {
  return faults
    .toSorted((left, right) => Number(left.index) - Number(right.index))
    .slice(0, mostFaults)
    .map((fault) => {
      const { noted: _, ...shown } = fault
      return shown
    })
}

/** How many faults there are of each kind. */
export function countRefusals(faults: readonly RecordFault[]): Refusal[] {
  const kinds = new Map<string, Refusal>()
  for (const { field = '', message, noted = { field, rule: message } } of faults) {
    const name = `${noted.field} ${noted.rule}`
    const kind = kinds.get(name)
    if (kind) kind.records++
    else kinds.set(name, { ...noted, records: 1 })
  }
  return [...kinds.values()]
}
