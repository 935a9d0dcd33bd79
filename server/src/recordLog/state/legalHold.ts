import type { Write } from '../../domain/checkRecord.ts'
import { AppError } from '../../errors.ts'
import type { StoredRecord } from '../storedRecord.ts'
import type { WorkingSet } from './workingSet.ts'

export function isHeld(call: StoredRecord | undefined): boolean {
  return call !== undefined && !call.removed && call.values['legalHold'] === true
}

/** Refuses to delete a call under a legal hold, or a part of one. Throws CONFLICT. */
export function refuseHeld(records: WorkingSet, record: StoredRecord): void {
  const call = record.callId === undefined ? undefined : records.find('calls', record.callId)
  if (!isHeld(call)) return
  throw new AppError(
    'CONFLICT',
    `The call ${record.callId} is under a legal hold: neither it nor its parts can be deleted until the hold is released.`,
    { rule: 'The call is under a legal hold: neither it nor its parts can be deleted until the hold is released.' },
  )
}

/** Refuses to replace the recording of a call under a legal hold; a first recording may be added. Throws CONFLICT. */
export function refuseOtherRecording(call: StoredRecord, write: Write): void {
  const { recordingId } = write.set
  const present = call.values['recordingId']
  if (recordingId === undefined || present === undefined || recordingId === present || !isHeld(call)) return
  throw new AppError(
    'CONFLICT',
    `The call ${call.key} is under a legal hold: its recording cannot be replaced until the hold is released.`,
    { rule: 'The call is under a legal hold: its recording cannot be replaced until the hold is released.' },
  )
}
