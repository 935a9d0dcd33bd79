import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { request } from '../api/client.ts'
import type { CallItem } from './callsApi.ts'

/** The matching line of each call, by the call's id. */
export type Hits = ReadonlyMap<string, string>

const none: Hits = new Map()

/** The first line with a searched word, for the calls of a page. */
export function useHits(search: string, calls: readonly CallItem[]): Hits {
  const ids = calls.map(({ id }) => id).join(',')
  const { data } = useQuery({
    queryKey: ['hits', search, ids],
    queryFn: async ({ signal }) => {
      const query = new URLSearchParams({ q: search, callIds: ids })
      const answer = await request<{ data: { callId: string; text: string }[] }>(`/v1/console/hits?${query}`, {
        signal,
      })
      return new Map(answer.data.map(({ callId, text }) => [callId, text]))
    },
    enabled: search !== '' && ids !== '',
    placeholderData: keepPreviousData,
  })
  return search === '' ? none : (data ?? none)
}
