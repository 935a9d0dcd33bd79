import { calls } from '../../domain/collections/calls.ts'
import { mergeRecord } from '../../domain/mergeRecord.ts'
import { isHeld } from './legalHold.ts'
import { effectiveValues, removal, type StoredRecord } from '../storedRecord.ts'
import { noCounts, partsToExpire, type Expiry, type IngestCounts } from '../command.ts'
import type { WorkingSet } from './workingSet.ts'
import { yieldByTime } from '../../yieldByTime.ts'

/** The fields of a call about its recording. */
const recordingFields = calls.fields.map((field) => field.name).filter((name) => name.startsWith('recording'))

/**
 * Deletes what has expired from calls that are still due and under no legal hold, or early parts whose call never
 * arrived. Counts the deleted records.
 */
export async function expire(
  records: WorkingSet,
  work: Expiry,
  remove: (record: StoredRecord) => void,
  now: number,
): Promise<IngestCounts> {
  const counts = { ...noCounts(), deleted: 0 }
  const pause = yieldByTime()
  for (const callId of work.callIds) {
    await pause()
    if (work.what === 'recordings') {
      if (clearRecording(records, work, callId, now)) counts.deleted++
      continue
    }
    for (const record of expiredRecordsOf(records, work, callId)) {
      if (record.removed === removal.deleted) continue
      remove(record)
      counts.deleted++
    }
  }
  return counts
}

/** Clears the recording fields of a call; the call stays, so its values must have been loaded. */
function clearRecording(records: WorkingSet, work: Expiry, callId: string, now: number): boolean {
  const call = records.find('calls', callId)
  if (!call || !isDue(call, work)) return false
  const { values, revisions } = mergeRecord(call, { key: callId, set: noRecording(), revision: undefined })
  records.put({ ...call, values, revisions, derived: { ...call.derived } }, true, now)
  return true
}

function expiredRecordsOf(records: WorkingSet, work: Expiry, callId: string): StoredRecord[] {
  const call = records.findExpiring(callId)
  if (work.what === 'earlyParts') {
    // The call may have arrived since the job looked for it.
    if (call) return []
    return records.partsOf([work.collection], callId).filter((part) => part.updatedAt < work.receivedBefore)
  }
  if (!call || !isDue(call, work)) return []
  const parts = records.partsOf(partsToExpire(work), callId)
  return work.what === 'calls' ? [call, ...parts] : parts
}

function isDue(call: StoredRecord, work: Expiry): boolean {
  if (call.removed || isHeld(call)) return false
  const { recordingId, endedAt } = effectiveValues(call)
  if (work.what === 'recordings') return typeof recordingId === 'string' && work.recordingIds.has(recordingId)
  return work.what !== 'earlyParts' && typeof endedAt === 'number' && endedAt < work.endedBefore
}

function noRecording(): Record<string, null> {
  return Object.fromEntries(recordingFields.map((name) => [name, null]))
}
