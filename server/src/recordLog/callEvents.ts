import type { Values } from '../domain/collections/collection.ts'
import type { WebhookEvent } from '../domain/webhookEvents.ts'
import type { StoredRecord } from './storedRecord.ts'

/** An event of a call, with the state of the call at that moment. */
export interface CallEvent {
  type: WebhookEvent
  call: StoredRecord
  at: number
}

/**
 * States that send one event for a call, as bits: a call may leave and reach the state again, without a second event.
 */
const milestone = { ended: 1, escalated: 2 } as const

const dayMs = 24 * 60 * 60 * 1000

type Shown = Pick<StoredRecord, 'values' | 'derived'>

/** The milestones that follow from the call's own values. */
export function shownMilestones(call: Shown): number {
  const status = valueOf(call, 'status')
  const hasEnded = status !== undefined && status !== 'active'
  const isEscalated = status === 'escalated' || valueOf(call, 'escalated') === true
  return (hasEnded ? milestone.ended : 0) | (isEscalated ? milestone.escalated : 0)
}

/**
 * The events of one change of a call, its evaluation and its survey. A call that ended more than a day ago has no
 * events. Also sets `reached` on the call.
 */
export function transitionsOf(before: StoredRecord | undefined, after: StoredRecord, now: number): CallEvent[] {
  if (after.removed) return []
  const was = before && !before.removed ? before : undefined
  const reachedBefore = was?.reached ?? 0
  after.reached = reachedBefore | shownMilestones(after)
  const endedAt = valueOf(after, 'endedAt')
  if (endedAt !== undefined && Number(endedAt) < now - dayMs) return []
  const reached = after.reached & ~reachedBefore
  const happened: [WebhookEvent, boolean][] = [
    ['call.started', was === undefined],
    ['call.escalated', (reached & milestone.escalated) !== 0],
    ['call.completed', (reached & milestone.ended) !== 0],
    ['call.analyzed', valueOf(after, 'phase') === 'DONE' && valueOf(was, 'phase') !== 'DONE'],
    ['evaluation.completed', isNewly(was?.evaluation, after.evaluation, 'status', 'evaluated')],
    ['survey.completed', isNewly(was?.survey, after.survey, 'state', 'Completed')],
    ['recording.ready', isRecordedAnew(was, after)],
  ]
  return happened.filter(([, isSo]) => isSo).map(([type]) => ({ type, call: after, at: now }))
}

function valueOf(call: Shown | undefined, name: string): unknown {
  return call?.values[name] ?? call?.derived[name]
}

/** Whether the recording is new, or its duration became known or changed by more than a rounding error. */
function isRecordedAnew(was: StoredRecord | undefined, after: StoredRecord): boolean {
  const recordingId = valueOf(after, 'recordingId')
  if (recordingId === undefined) return false
  if (recordingId !== valueOf(was, 'recordingId')) return true
  const [before, now] = [valueOf(was, 'recordingDurationSeconds'), valueOf(after, 'recordingDurationSeconds')]
  if (typeof before !== 'number' || typeof now !== 'number') return before !== now
  return Math.abs(now - before) >= 0.5
}

function isNewly(before: Values | undefined, after: Values | undefined, name: string, value: string): boolean {
  return after?.[name] === value && before?.[name] !== value
}
