import type { Collection, Values } from '../../domain/collections/collection.ts'
import { evaluations, surveys } from '../../domain/collections/parts.ts'
import { formatInstant } from '../../domain/instant.ts'
import { callDetail } from '../calls/callItem.ts'
import type { CallEvent } from '../../recordLog/callEvents.ts'
import { effectiveValues } from '../../recordLog/storedRecord.ts'
import { yieldByTime } from '../../yieldByTime.ts'
import type { Queryable } from '../../store/postgres/postgres.ts'
import { readSubscribedEvents, type Announcement } from './announce.ts'

/**
 * Builds the payloads of call events that have subscribers. Yields to other work, because one commit may hold tens of
 * thousands of events.
 */
export async function callAnnouncements(
  on: Queryable,
  accountId: number,
  events: readonly CallEvent[],
): Promise<Announcement[]> {
  if (events.length === 0) return []
  const isSubscribed = await readSubscribedEvents(on, accountId)
  const announcements: Announcement[] = []
  const pause = yieldByTime()
  for (const event of events) {
    if (isSubscribed(event.type)) announcements.push(callAnnouncement(event))
    await pause()
  }
  return announcements
}

/** Builds the payload of a call event: the call as the calls API shows it, and the part that was completed. */
function callAnnouncement({ type, call, at }: CallEvent): Announcement {
  const values = effectiveValues(call)
  return { type, callId: call.key, data: { ...callDetail(call.key, values), ...completedPart(call, type, values) }, at }
}

function completedPart(
  { evaluation, survey }: CallEvent['call'],
  type: CallEvent['type'],
  values: Values,
): Record<string, unknown> {
  switch (type) {
    case 'evaluation.completed':
      return { evaluation: partData(evaluations, evaluation ?? {}) }
    case 'survey.completed':
      return { survey: partData(surveys, survey ?? {}) }
    case 'recording.ready':
      return {
        recording: {
          id: values['recordingId'],
          format: values['recordingFormat'] ?? null,
          duration_seconds: values['recordingDurationSeconds'] ?? null,
          bytes: values['recordingBytes'] ?? null,
        },
      }
    default:
      return {}
  }
}

/** Returns the fields of a part under names like those of the calls API; absent ones are null. */
function partData(collection: Collection, values: Values): Record<string, unknown> {
  return Object.fromEntries(
    collection.fields
      .filter((field) => field.name !== 'callId')
      .map((field) => {
        const value = values[field.name]
        return [
          field.column,
          field.type.kind === 'time' && value !== undefined ? formatInstant(Number(value)) : (value ?? null),
        ]
      }),
  )
}
