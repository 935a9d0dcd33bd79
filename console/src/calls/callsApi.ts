import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { request } from '../api/client.ts'
import { boundsOf } from './period.ts'
import { pageSize, type CallsView } from './view.ts'

/** A call as the calls API lists it. */
export interface CallItem {
  id: string
  caller_id: string | null
  channel: string
  status: string
  duration_seconds: number | null
  language: string | null
  started_at: string
  ended_at: string | null
  requester_id: number | null
  tickets_created: number[]
  authenticated: boolean
}

interface CallsAnswer {
  data: CallItem[]
  total: number
  next_cursor: string | null
}

/** Where a stream cannot be had, the first page is asked for again now and then, because calls come in. */
const refreshEveryMs = 15_000

/** The address of a view's page of calls. */
export function callsPath(view: CallsView, timezone: string): string {
  return `/api/v1/calls?${callsQuery(view, timezone).toString()}`
}

/** A page of calls. */
export function useCalls(path: string, asksAgain: boolean) {
  return useQuery({
    queryKey: ['calls', path],
    queryFn: ({ signal }) => request<CallsAnswer>(path, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: asksAgain ? refreshEveryMs : false,
  })
}

/** The view as parameters of the calls API. */
function callsQuery(view: CallsView, timezone: string): URLSearchParams {
  const query = new URLSearchParams({
    limit: String(pageSize),
    sort_by: view.sortBy,
    sort_order: view.sortOrder,
    cursor: view.after,
  })
  const { from, to } = boundsOf(view, timezone)
  const given = {
    q: view.search,
    status: view.status.join(','),
    channel: view.channel.join(','),
    agent_id: view.agent,
    campaign_id: view.campaign,
    from,
    to,
  }
  for (const [name, value] of Object.entries(given)) if (value !== '') query.set(name, value)
  return query
}

/** A reference record, such as an agent. */
interface NamedRecord {
  id: string
  name: string
}

/** Collections of reference records that filter calls. */
export type NamedCollection = 'agents' | 'campaigns' | 'call-centers'

/** The names for a filter: the first thousand. Others can be named by their id in the address. */
export function useNames(collection: NamedCollection, isEnabled: boolean) {
  return useQuery({
    queryKey: ['names', collection],
    queryFn: async ({ signal }) => {
      const answer = await request<{ data: NamedRecord[] }>(`/v1/records/${collection}?limit=1000`, { signal })
      return answer.data.toSorted((a, b) => a.name.localeCompare(b.name))
    },
    enabled: isEnabled,
    staleTime: 300_000,
  })
}
