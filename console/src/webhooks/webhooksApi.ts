import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { request } from '../api/client.ts'

export const eventNames = [
  'call.started',
  'call.completed',
  'call.escalated',
  'call.analyzed',
  'evaluation.completed',
  'survey.completed',
  'recording.ready',
  'export.completed',
  'export.failed',
  'report.delivered',
  'webhook.disabled',
] as const

/** An endpoint as `GET /api/v1/webhooks` lists it. */
export interface Endpoint {
  id: string
  url: string
  events: string[]
  description: string | null
  is_active: boolean
  disabled_reason: string | null
  failing_since: string | null
  created_at: string
}

export interface Attempt {
  at: string
  duration_ms: number
  status: number | null
  error: string | null
  response_start: string | null
}

export const deliveryStates = ['pending', 'succeeded', 'failed'] as const

export type DeliveryState = (typeof deliveryStates)[number]

export interface Delivery {
  id: string
  event_id: string
  event_type: string
  status: DeliveryState
  attempt_count: number
  attempts: Attempt[]
  next_attempt_at: string | null
  created_at: string
}

/** What the form of an endpoint holds. */
export interface EndpointBody {
  url: string
  events: string[]
  description: string
}

const base = '/api/v1/webhooks'
const rootKey = 'webhooks'
const movingMs = 2000
const restingMs = 15_000
const pageSize = 25

/** All endpoints of the account. */
export function useEndpoints() {
  return useQuery({
    queryKey: [rootKey],
    queryFn: async ({ signal }) => (await request<{ webhooks: Endpoint[] }>(base, { signal })).webhooks,
    refetchInterval: restingMs,
  })
}

export function useEndpoint(id: string) {
  return useQuery({
    queryKey: [rootKey, id],
    queryFn: ({ signal }) => request<Endpoint>(`${base}/${encodeURIComponent(id)}`, { signal }),
    refetchInterval: restingMs,
  })
}

/** The deliveries of an endpoint, newest first, page by page; asked for again while one is on its way. */
export function useDeliveries(id: string, state: DeliveryState | '') {
  return useInfiniteQuery({
    queryKey: [rootKey, id, 'deliveries', state],
    queryFn: ({ pageParam, signal }) => {
      const query = new URLSearchParams({ limit: String(pageSize) })
      if (state !== '') query.set('status', state)
      if (pageParam !== '') query.set('cursor', pageParam)
      return request<{ data: Delivery[]; next_cursor: string | null }>(
        `${base}/${encodeURIComponent(id)}/deliveries?${query.toString()}`,
        { signal },
      )
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.next_cursor ?? undefined,
    refetchInterval: ({ state: { data } }) =>
      data?.pages.some((page) => page.data.some(({ status }) => status === 'pending')) ? movingMs : restingMs,
  })
}

/** The body of a delivery. */
export function usePayload(endpointId: string, deliveryId: string) {
  return useQuery({
    queryKey: [rootKey, endpointId, 'payload', deliveryId],
    queryFn: async ({ signal }) => {
      const path = `${base}/${encodeURIComponent(endpointId)}/deliveries/${encodeURIComponent(deliveryId)}`
      return (await request<{ payload: unknown }>(path, { signal })).payload
    },
    // It never changes.
    staleTime: Number.POSITIVE_INFINITY,
  })
}

/** What can be done with endpoints; everything of them is asked for again afterwards. */
export function useWebhookActions() {
  const queries = useQueryClient()
  async function change<T>(path: string, method: 'POST' | 'PATCH' | 'DELETE', body?: unknown): Promise<T> {
    const answer = await request<T>(base + path, { method, body })
    await queries.invalidateQueries({ queryKey: [rootKey] })
    return answer
  }
  return {
    create: (body: EndpointBody) => change<{ id: string; secret?: string }>('', 'POST', body),
    update: (id: string, body: EndpointBody) => change<Endpoint>(`/${id}`, 'PATCH', body),
    enable: (id: string) => change<Endpoint>(`/${id}/enable`, 'POST'),
    disable: (id: string) => change<Endpoint>(`/${id}/disable`, 'POST'),
    rotate: (id: string) => change<{ secret?: string }>(`/${id}/rotate-secret`, 'POST', {}),
    test: (id: string) => change<unknown>(`/${id}/test`, 'POST'),
    resend: (id: string, deliveryId: string) => change<unknown>(`/${id}/deliveries/${deliveryId}/resend`, 'POST'),
    resendSince: (id: string, body: { since: string; status?: 'failed' }) =>
      change<{ resent: number; next_since: string | null }>(`/${id}/resend`, 'POST', body),
    /** Its page is left first: there is nothing to ask for again. */
    remove: async (id: string) => {
      await request(`${base}/${id}`, { method: 'DELETE' })
      await queries.invalidateQueries({ queryKey: [rootKey], exact: true })
    },
  }
}
