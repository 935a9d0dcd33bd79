import { calls } from '../../domain/collections/calls.ts'
import type { Collection, Values } from '../../domain/collections/collection.ts'
import { partCollections } from '../../domain/collections/all.ts'
import { turns } from '../../domain/collections/parts.ts'
import type { Write } from '../../domain/checkRecord.ts'
import { mergeRecord } from '../../domain/mergeRecord.ts'
import { exceedsAttributes, tooManyAttributes, tooManyAttributesRule } from '../../domain/readValue.ts'
import { AppError } from '../../errors.ts'
import { expire } from './expire.ts'
import { refuseHeld, refuseOtherRecording } from './legalHold.ts'
import { RecordFaults, type RecordFault } from '../recordFaults.ts'
import { removal, type StoredRecord } from '../storedRecord.ts'
import { noCounts, type CallChange, type IndexedWrite, type IngestCounts, type Command } from '../command.ts'
import type { WorkingSet } from './workingSet.ts'
import { yieldByTime } from '../../yieldByTime.ts'

/** Applies one command to the working set, as a whole or not at all. Returns its answer or throws its fault. */
export async function applyCommand(records: WorkingSet, command: Command, now: number): Promise<IngestCounts> {
  try {
    const counts = await applyWork(records, command, now)
    if (command.isDryRun) records.dropCommand()
    else records.acceptCommand(now, command.isAnnounced)
    return counts
  } catch (error) {
    records.dropCommand()
    throw error
  }
}

async function applyWork(records: WorkingSet, command: Command, now: number): Promise<IngestCounts> {
  const { work } = command
  switch (work.kind) {
    case 'merge':
      return mergeAll(records, work.collection, work.writes, { ...command, skipsFaults: work.skipsFaults, now })
    case 'remove':
      return removeOne(records, work.collection, work.key, now)
    case 'changeCall':
      return changeCall(records, work, now)
    case 'replaceTurns':
      return replaceTurns(records, work.callId, work.writes, now)
    case 'expire':
      return expire(records, work, (record) => removeRecord(records, record, removal.deleted, now), now)
  }
}

async function changeCall(records: WorkingSet, work: CallChange, now: number): Promise<IngestCounts> {
  const { callId } = work
  const set = await work.decide(records.find('calls', callId))
  const write: Write = { key: callId, set: { ...set, id: callId }, revision: undefined }
  const writes = set === undefined ? [] : [{ index: 0, write }]
  return mergeAll(records, calls, writes, { faults: new RecordFaults(), skipsFaults: false, now })
}

interface MergeOptions {
  faults: RecordFaults
  skipsFaults: boolean
  now: number
  /** A replacement may restore turns that an earlier replacement left out. */
  revivesReplaced?: boolean
}

async function mergeAll(
  records: WorkingSet,
  collection: Collection,
  writes: IndexedWrite[],
  options: MergeOptions,
): Promise<IngestCounts> {
  const counts = noCounts()
  const faults = new RecordFaults(options.faults)
  const pause = yieldByTime()
  for (const { index, write } of writes) {
    const others = pause()
    if (others) await others
    const outcome = mergeOne(records, collection, write, options)
    if (typeof outcome === 'string') counts[outcome]++
    else faults.add(index, outcome)
  }
  if (faults.records > 0 && !options.skipsFaults) throw faults.refusal()
  counts.accepted = counts.created + counts.updated + counts.unchanged
  counts.rejected = faults.records
  counts.errors = faults.listed()
  if (faults.records > 0) counts.refusals = faults.refusals()
  return counts
}

function mergeOne(
  records: WorkingSet,
  collection: Collection,
  write: Write,
  options: MergeOptions,
): 'created' | 'updated' | 'unchanged' | RecordFault {
  const current = records.find(collection.name, write.key)
  const gone = refusalOfRemoved(records, collection, write, current, options.revivesReplaced ?? false)
  if (gone) return gone
  const known = current && !current.removed ? current : undefined
  if (!known) {
    const missing = collection.fields.find((field) => field.required && write.set[field.name] === undefined)
    if (missing) return { field: missing.name, message: `${missing.name} is required when a record is first written.` }
  }
  if (current && collection.isPart && write.set['callId'] !== current.callId) {
    const message = `callId cannot change; this record belongs to the call ${current.callId}.`
    return { field: 'callId', message, noted: { field: 'callId', rule: 'callId cannot change.' } }
  }
  if (known && collection === calls) refuseOtherRecording(known, write)
  const result = mergeRecord(known, write)
  if (!result.stored) return 'unchanged'
  const derived = collection.derive(result.values)
  const fault = collection.check({ ...derived, ...result.values })
  if (fault) return fault
  if (exceedsAttributes(result.values['attributes'])) {
    return {
      field: 'attributes',
      message: `attributes ${tooManyAttributes(Object.keys(Object(result.values['attributes'])).length)}`,
      noted: { field: 'attributes', rule: `attributes ${tooManyAttributesRule}` },
    }
  }
  const record: StoredRecord = {
    ...(current ?? newRecord(records, collection, write, options.now)),
    values: result.values,
    revisions: result.revisions,
    derived,
    removed: removal.none,
  }
  records.put(record, result.changed, options.now)
  if (result.changed) copyToCall(records, record, options.now)
  return known ? (result.changed ? 'updated' : 'unchanged') : 'created'
}

function newRecord(records: WorkingSet, collection: Collection, write: Write, now: number): StoredRecord {
  const isCall = collection === calls
  return {
    collection,
    key: write.key,
    callId: collection.isPart ? String(write.set['callId']) : isCall ? write.key : undefined,
    values: {},
    derived: {},
    revisions: {},
    number: 0,
    seq: 0,
    firstSeq: 0,
    createdAt: now,
    updatedAt: now,
    removed: removal.none,
    evaluation: isCall ? valuesOfPart(records, 'evaluations', write.key) : undefined,
    survey: isCall ? valuesOfPart(records, 'surveys', write.key) : undefined,
    reached: 0,
    knownEndpoint: undefined,
    isEarly: collection.isPart && !records.hasCall(String(write.set['callId'])),
    hasKey: false,
    rowBytes: 0,
  }
}

/** The values of an evaluation or survey that arrived before its call. */
function valuesOfPart(records: WorkingSet, name: string, callId: string): Values | undefined {
  const part = records.find(name, callId)
  return part && !part.removed ? part.values : undefined
}

/** Updates the copy of the part on the call's row, which does not count as a change of the call. */
function copyToCall(records: WorkingSet, part: StoredRecord, now: number): void {
  const name = part.collection.name
  if (name !== 'evaluations' && name !== 'surveys') return
  const call = records.find('calls', part.key)
  if (!call || call.removed) return
  const values = part.removed ? undefined : part.values
  const derived = { ...call.derived }
  records.put(
    name === 'evaluations' ? { ...call, derived, evaluation: values } : { ...call, derived, survey: values },
    false,
    now,
  )
}

function refusalOfRemoved(
  records: WorkingSet,
  collection: Collection,
  write: Write,
  current: StoredRecord | undefined,
  revivesReplaced: boolean,
): RecordFault | undefined {
  const isRevived = current?.removed === removal.replaced && revivesReplaced
  if (current?.removed && !isRevived) {
    return {
      field: collection.key,
      reason: 'deleted',
      message: `${collection.key} ${write.key} was deleted and cannot be written again.`,
      noted: { field: collection.key, rule: 'the record was deleted and cannot be written again.' },
    }
  }
  const call = collection.isPart ? records.find('calls', String(write.set['callId'])) : undefined
  if (call?.removed) {
    return {
      field: 'callId',
      reason: 'deleted',
      message: `the call ${call.key} was deleted; its parts cannot be written.`,
      noted: { field: 'callId', rule: 'the call was deleted; its parts cannot be written.' },
    }
  }
  return undefined
}

function removeOne(records: WorkingSet, collection: Collection, key: string, now: number): IngestCounts {
  const current = records.find(collection.name, key)
  if (!current) throw new AppError('RESOURCE_NOT_FOUND', `There is no record ${key} in ${collection.name}.`)
  refuseHeld(records, current)
  const gone = [current]
  if (collection === calls) gone.push(...records.partsOf(partCollections, key))
  const counts = noCounts()
  counts.deleted = 0
  for (const record of gone) {
    if (record.removed === removal.deleted) continue
    removeRecord(records, record, removal.deleted, now)
    counts.deleted++
  }
  return counts
}

function removeRecord(records: WorkingSet, record: StoredRecord, how: number, now: number): void {
  const emptied = { values: {}, derived: {}, revisions: {}, evaluation: undefined, survey: undefined }
  const removed: StoredRecord = { ...record, ...emptied, removed: how, updatedAt: now }
  records.put(removed, true, now)
  copyToCall(records, removed, now)
}

async function replaceTurns(
  records: WorkingSet,
  callId: string,
  writes: IndexedWrite[],
  now: number,
): Promise<IngestCounts> {
  const kept = new Set(writes.map(({ write }) => write.key))
  const left = records.partsOf([turns], callId).filter((turn) => !turn.removed && !kept.has(turn.key))
  for (const turn of left) refuseHeld(records, turn)
  const counts = await mergeReplacing(records, writes, now)
  for (const turn of left) removeRecord(records, turn, removal.replaced, now)
  return { ...counts, deleted: left.length }
}

/**
 * Replaces turns as a whole: fields that the new turn lacks are cleared, and required fields must be present. When a
 * key occurs twice, the second write is merged into the first.
 */
function mergeReplacing(records: WorkingSet, writes: IndexedWrite[], now: number): Promise<IngestCounts> {
  const faults = new RecordFaults()
  const seen = new Set<string>()
  const whole = writes.map(({ index, write }) => {
    if (seen.has(write.key)) return { index, write }
    seen.add(write.key)
    const missing = turns.fields.find((field) => field.required && write.set[field.name] === undefined)
    if (missing) faults.add(index, { field: missing.name, message: `${missing.name} is required in a replacement.` })
    const current = records.find(turns.name, write.key)
    const cleared = Object.fromEntries(Object.keys(current?.values ?? {}).map((name) => [name, null]))
    return { index, write: { ...write, set: { ...cleared, ...write.set } } }
  })
  if (faults.records > 0) throw faults.refusal()
  return mergeAll(records, turns, whole, { faults: new RecordFaults(), skipsFaults: false, now, revivesReplaced: true })
}
