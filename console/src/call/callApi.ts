import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { ApiError, request } from '../api/client.ts'
import { useLive } from '../api/live.ts'
import { allows, type Session } from '../api/session.tsx'

/** One utterance. Times are RFC 3339. */
export interface Turn {
  id: string
  participant: 'agent' | 'customer'
  at: string
  durationMs?: number
  text?: string
  textAgent?: string
  textCustomer?: string
  language?: string
  type?: string
}

export interface Evaluation {
  status: string
  score?: number
  category?: string
  reason?: string
  subReason?: string
  confidence?: number
  sentiment?: string
  reviewStatus?: string
  reviewNotes?: string
}

export interface Survey {
  state?: string
  completionReason?: string
  score?: number
  totalQuestions?: number
  responses?: { question: string; answer: string | null; score?: number }[]
}

export interface Review {
  id: string
  questionName?: string
  answerName?: string
  answerReason?: string
  reviewerName?: string
  reviewedAt?: string
  score?: number
  answerScore?: number
  bestScore?: number
  comment?: string
}

export interface Engagement {
  id: string
  agentId?: string
  externalAgentName?: string
  startedAt?: string
  endedAt?: string
  type?: string
  status?: string
  outcome?: string
  team?: string
}

/** A call with all its parts, in the vocabulary of the records. */
export interface Call {
  id: string
  channel: string
  status: string
  startedAt: string
  endedAt?: string
  durationSeconds?: number
  direction?: string
  phase?: string
  outcome?: string
  externalEndpoint?: string
  internalEndpoint?: string
  identity?: string
  language?: string
  campaignId?: string
  callCenterId?: string
  queueId?: string
  agentId?: string
  customerId?: string
  flowVersion?: string
  transferFunction?: string
  transferDestination?: string
  requesterId?: number
  requesterName?: string
  ticketsCreated?: number[]
  toolsUsed?: string[]
  authenticated?: boolean
  sentiment?: string
  resolved?: boolean
  dailyRepeatCalls?: number
  tags?: string[]
  keywords?: string[]
  topics?: string[]
  notes?: string
  dtmfEvents?: { dtmf: string; timestamp: number; channel?: string }[]
  markers?: { time: number; type: string; note: string | null }[]
  attributes?: Record<string, string | number>
  agentAudioChannel?: 'left' | 'right'
  recordingId?: string
  recordingDurationSeconds?: number
  turns: Turn[]
  engagements: Engagement[]
  reviews: Review[]
  evaluation: Evaluation | null
  survey: Survey | null
}

const parts = ['turns', 'engagements', 'evaluations', 'surveys', 'reviews']
const callCollections = ['calls', ...parts]
const liveRefreshMs = 5_000

/** A call, and whether its stream is connected; without a stream, a live call is polled every few seconds. */
export function useCall(id: string) {
  const live = useLive({ collections: callCollections, callId: id, queryKey: ['call', id] })
  const call = useQuery({
    queryKey: ['call', id],
    queryFn: async ({ signal }) => {
      const path = `/v1/records/calls/${encodeURIComponent(id)}?include=${parts.join(',')}`
      const answer = await request<{ data: Call }>(path, { signal })
      return answer.data
    },
    refetchInterval: (query) => (live !== 'live' && query.state.data?.status === 'active' ? liveRefreshMs : false),
  })
  return { call, live }
}

/** The range of a review's score; the server has the same. */
export const scoreRange = { worst: 0, best: 10 }

export interface NewReview {
  question: string
  answer?: string
  score?: number
  comment?: string
}

/** Whether the caller may add reviews: a key with `ingest:write`, or a user who is not a viewer. */
export function mayReview(session: Session): boolean {
  return allows(session, session.subject.kind === 'user' ? 'analytics:export' : 'ingest:write')
}

/** Adds a review to a call; resolves when the call shows it. */
export function useNewReview(callId: string) {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (review: NewReview) => request('/v1/console/reviews', { method: 'POST', body: { callId, ...review } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['call', callId] }),
  })
}

// A link is valid for an hour; a page that stays open longer gets another when the player fails.
const linkFreshMs = 50 * 60_000

/** The link to the recording. */
export function useRecordingLink(call: Call) {
  return useQuery({
    queryKey: ['recording', call.id, call.recordingId],
    queryFn: ({ signal }) =>
      request<{ url: string }>(`/api/v1/calls/${encodeURIComponent(call.id)}/recording`, { signal }),
    enabled: call.recordingId !== undefined,
    staleTime: linkFreshMs,
  })
}

/** The peaks of each channel over time, 0 to 255. */
export interface Waveform {
  durationSeconds: number
  channels: number[][]
}

/** The waveform; null when the recording has none, or none yet. */
export function useWaveform(call: Call) {
  return useQuery({
    queryKey: ['waveform', call.id, call.recordingId],
    queryFn: async ({ signal }) => {
      try {
        const path = `/v1/records/calls/${encodeURIComponent(call.id)}/waveform`
        return (await request<{ data: Waveform }>(path, { signal })).data
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return null
        throw error
      }
    },
    enabled: call.recordingId !== undefined,
  })
}

type NamedCollection = 'agents' | 'campaigns' | 'call-centers' | 'queues' | 'customers'

/** The name for an id; the id itself until the name is loaded, or if there is none. */
export function useName(collection: NamedCollection, id: string | undefined): string | undefined {
  const { data } = useQuery({
    queryKey: ['name', collection, id],
    queryFn: async ({ signal }) => {
      const path = `/v1/records/${collection}/${encodeURIComponent(id ?? '')}`
      const answer = await request<{ data: { name?: string } }>(path, { signal })
      return answer.data.name ?? null
    },
    enabled: id !== undefined,
    staleTime: 300_000,
  })
  return data ?? id
}
