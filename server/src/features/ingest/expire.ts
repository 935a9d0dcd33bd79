import { partCollections } from '../../domain/collections/all.ts'
import { calls } from '../../domain/collections/calls.ts'
import { turns } from '../../domain/collections/parts.ts'
import { mergeRecord } from '../../domain/mergeRecord.ts'
import { isHeld } from './legalHold.ts'
import { effectiveValues, removal, type StoredRecord } from './storedRecord.ts'
import { noCounts, type Expiry, type IngestCounts } from './unit.ts'
import type { WorkingSet } from './workingSet.ts'
import { yieldByTime } from './yieldByTime.ts'

/** What a call says of its recording. */
const recordingFields = calls.fields.map((field) => field.name).filter((name) => name.startsWith('recording'))

/** Takes away what is due of calls that are still due and under no legal hold; counts the records that went. */
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
    const call = records.find('calls', callId)
    if (!call || call.removed || isHeld(call) || !isDue(call, work)) continue
    if (work.what === 'recordings') {
      const { values, revisions } = mergeRecord(call, { key: callId, set: noRecording(), revision: undefined })
      records.put({ ...call, values, revisions, derived: { ...call.derived } }, true, now)
      counts.deleted++
      continue
    }
    const parts = work.what === 'turns' ? [turns] : partCollections
    const gone = parts
      .flatMap((part) => records.partsOf(part.name, callId))
      .filter((part) => part.removed !== removal.deleted)
    if (work.what === 'calls') gone.unshift(call)
    for (const record of gone) remove(record)
    counts.deleted += gone.length
  }
  return counts
}

function isDue(call: StoredRecord, work: Expiry): boolean {
  const { recordingId, endedAt } = effectiveValues(call)
  if (work.what === 'recordings') return typeof recordingId === 'string' && work.recordingIds.has(recordingId)
  return typeof endedAt === 'number' && endedAt < work.endedBefore
}

function noRecording(): Record<string, null> {
  return Object.fromEntries(recordingFields.map((name) => [name, null]))
}
