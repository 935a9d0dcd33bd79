import type { Collection, Values } from '../../domain/collections/collection.ts'
import { evaluations, surveys } from '../../domain/collections/parts.ts'
import { formatInstant } from '../../domain/instant.ts'
import { callDetail } from '../calls/callItem.ts'
import type { CallEvent } from '../../recordLog/callEvents.ts'
import { effectiveValues } from '../../recordLog/storedRecord.ts'
import { yieldByTime } from '../../yieldByTime.ts'
import type { Queryable } from '../../store/postgres/postgres.ts'
import { wantedEvents, type Announcement } from './announce.ts'

/** What is told of the events of calls that somebody wants. Lets other work run: a turn may hold ten thousands. */
export async function callAnnouncements(
  on: Queryable,
  accountId: number,
  events: readonly CallEvent[],
): Promise<Announcement[]> {
  if (events.length === 0) return []
  const isWanted = await wantedEvents(on, accountId)
  const announcements: Announcement[] = []
  const pause = yieldByTime()
  for (const event of events) {
    if (isWanted(event.type)) announcements.push(callAnnouncement(event))
    await pause()
  }
  return announcements
}

/** What is told of an event of a call: the call as the calls API shows it, and the part that was completed. */
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

/** A part's fields under names like those of the calls API; absent ones are null. */
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
