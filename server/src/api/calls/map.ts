import type { z } from 'zod'
import { wholeSecondsOf } from '../../domain/wholeUnits.ts'
import { callItem, formatSeconds } from '../../features/calls/callItem.ts'
import type { Segment } from '../../features/calls/getTranscript.ts'
import type { CallListRequest, CallPage } from '../../features/calls/listCalls.ts'
import type { RecordingLink } from '../../features/recordings/recordingLink.ts'
import type * as schema from './schema.ts'

const sortFields = { started_at: 'startedAt', duration_seconds: 'durationSeconds' } as const

/** The query in internal terms. */
export function listRequest(query: z.output<typeof schema.listQuery>): CallListRequest {
  return {
    limit: query.limit,
    offset: query.offset,
    cursor: query.cursor === '' ? 'start' : query.cursor,
    sortBy: query.sort_by && sortFields[query.sort_by],
    sortOrder: query.sort_order,
    from: query.from,
    to: query.to,
    filter: {
      statuses: query.status,
      channels: query.channel,
      campaignIds: query.campaign_id,
      agentIds: query.agent_id,
      text: query.q,
    },
  }
}

/** A page in the published form; it holds a cursor only if the request had one. */
export function listAnswer({ limit, offset, cursor }: CallListRequest, { calls, total, nextCursor }: CallPage) {
  const page = { data: calls.map(({ id, values }) => callItem(id, values)), total, limit, offset }
  return cursor === undefined ? page : { ...page, next_cursor: nextCursor }
}

const speakers: Record<string, string> = { agent: 'agent', customer: 'caller' }

export function transcriptAnswer(callId: string, segments: Segment[]) {
  return {
    call_id: callId,
    segments: segments.map(({ participant, text, at }) => ({
      speaker: speakers[participant],
      text,
      timestamp: formatSeconds(at),
    })),
  }
}

export function recordingAnswer({ url, format, durationSeconds, expiresAt }: RecordingLink) {
  return {
    url,
    format,
    duration_seconds: durationSeconds === undefined ? null : wholeSecondsOf(durationSeconds),
    expires_at: formatSeconds(expiresAt.getTime()),
  }
}
