import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { request } from '../api/client.ts'

/** Received records of one collection in the last 24 hours. */
export interface Received {
  collection: string
  records: number
  lastAt: string
  hours: { startsAt: string; records: number }[]
}

interface Ingestion {
  from: string
  to: string
  data: Received[]
}

/** A kind of fault for which ingestion refused a sender's records or requests. */
export interface Fault {
  source: { kind: 'key' | 'user'; id: string; name: string; prefix: string | null }
  path: string
  collection: string | null
  code: string
  field: string | null
  message: string
  counts: 'records' | 'requests'
  refused: number
  lastAt: string
}

/** A call that blocks the call feed. */
export interface BlockedCall {
  number: number
  id: string
  phase: string
  status: string
  updatedAt: string
}

export interface Retention {
  recordingsDays: number | null
  callsDays: number | null
  turnsDays: number | null
}

export interface Hold {
  callId: string
  reason: string
  setAt: string
}

const everyMinuteMs = 60_000
const blockedKey = ['blocked']
const holdsKey = ['holds']
const pageSize = 50

export function useIngestion() {
  return useQuery({
    queryKey: ['ingestion'],
    queryFn: ({ signal }) => request<Ingestion>('/v1/admin/ingestion', { signal }),
    refetchInterval: everyMinuteMs,
  })
}

export function useFaults() {
  return useQuery({
    queryKey: ['faults'],
    queryFn: ({ signal }) => request<{ data: Fault[] }>('/v1/admin/ingestion/faults', { signal }),
    refetchInterval: everyMinuteMs,
  })
}

export function useBlockedCalls() {
  return useQuery({
    queryKey: blockedKey,
    queryFn: ({ signal }) =>
      request<{ blockedAfterSeconds: number; data: BlockedCall[] }>('/v1/admin/feed/blocked', { signal }),
    refetchInterval: everyMinuteMs,
  })
}

export function useRetention() {
  return useQuery({
    queryKey: ['account', 'retention'],
    queryFn: async ({ signal }) => (await request<{ retention: Retention }>('/v1/admin/account', { signal })).retention,
  })
}

export function useHolds() {
  return useInfiniteQuery({
    queryKey: holdsKey,
    queryFn: ({ pageParam, signal }) => {
      const query = new URLSearchParams({ limit: String(pageSize) })
      if (pageParam !== '') query.set('after', pageParam)
      return request<{ data: Hold[]; nextAfter: string | null }>(`/v1/admin/holds/calls?${query.toString()}`, {
        signal,
      })
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.nextAfter ?? undefined,
  })
}

function holdPath(callId: string): string {
  return `/v1/admin/holds/calls/${encodeURIComponent(callId)}`
}

/** The actions of this page; they refresh the shown data. */
export function useDataActions() {
  const queries = useQueryClient()
  return {
    releaseCall: async (number: number) => {
      await request('/v1/admin/feed/release', { method: 'POST', body: { number } })
      await queries.invalidateQueries({ queryKey: blockedKey })
    },
    setHold: async (callId: string, reason: string) => {
      await request(holdPath(callId), { method: 'PUT', body: { reason } })
      await queries.invalidateQueries({ queryKey: holdsKey })
    },
    releaseHold: async (callId: string) => {
      await request(holdPath(callId), { method: 'DELETE' })
      await queries.invalidateQueries({ queryKey: holdsKey })
    },
  }
}
