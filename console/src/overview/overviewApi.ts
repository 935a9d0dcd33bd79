import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { request } from '../api/client.ts'
import type { FigureValues } from './figures.ts'
import { moreMetrics, questionOf, type DimensionName, type OverviewView } from './view.ts'

/** The figures of a period and of the previous one. */
export interface Summary extends FigureValues {
  dateFrom: string
  dateTo: string
  previous: FigureValues & { dateFrom: string; dateTo: string }
}

/** Whether a period is not over yet. It is then compared with the same part of the previous one, which ends at an instant. */
export function isRunning({ previous }: Summary): boolean {
  return previous.dateTo.includes('T')
}

/** A day, week or month. */
export interface Bucket extends FigureValues {
  date: string
  partial: boolean
  /** Its counterpart; `partial`: not a whole day, week or month. */
  previous: (FigureValues & { date: string; partial: boolean }) | null
}

/** A campaign, call centre or agent. */
export interface Part extends FigureValues {
  id: string
  name: string
  previous: FigureValues
}

const idNames = { campaigns: 'campaignId', 'call-centers': 'callCenterId', executives: 'executiveId' } as const

/** The largest number of parts in a breakdown, those with the most calls. */
export const maxParts = 100

const refreshEveryMs = 60_000

function useAnswer<T>(path: string, query: URLSearchParams) {
  const address = `${path}?${query.toString()}`
  return useQuery({
    queryKey: ['overview', address],
    queryFn: ({ signal }) => request<T>(address, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: refreshEveryMs,
  })
}

/** The figures of a view and of its previous period. */
function comparing(view: OverviewView, timezone: string, more: Record<string, string> = {}): URLSearchParams {
  const query = questionOf(view, timezone)
  for (const [name, value] of Object.entries({ metrics: moreMetrics, compare: 'previous', ...more })) {
    query.set(name, value)
  }
  return query
}

export function useSummary(view: OverviewView, timezone: string) {
  return useAnswer<Summary>('/v1/analytics/summary', comparing(view, timezone))
}

export function useTrend(view: OverviewView, timezone: string) {
  const query = comparing(view, timezone, { granularity: view.granularity })
  return useAnswer<{ data: Bucket[] }>('/v1/analytics/trends', query)
}

/** The parts of a breakdown, most calls first. */
export function useParts(view: OverviewView, timezone: string) {
  const query = comparing(view, timezone, { limit: String(maxParts) })
  const address = `/v1/analytics/${view.by}?${query.toString()}`
  return useQuery({
    queryKey: ['overview', address],
    queryFn: async ({ signal }) => partsOf(await request<{ data: PublishedPart[] }>(address, { signal }), view.by),
    refetchInterval: refreshEveryMs,
  })
}

type PublishedPart = Omit<Part, 'id'> & Partial<Record<(typeof idNames)[DimensionName], string>>

function partsOf({ data }: { data: PublishedPart[] }, by: DimensionName): Part[] {
  return data.map((part) => ({ ...part, id: part[idNames[by]] ?? '' }))
}

/** Calls that began in one hour of one weekday (from 1, Monday). */
export interface HeatMapCell {
  weekday: number
  hour: number
  calls: number
}

export function useHeatMap(view: OverviewView, timezone: string) {
  return useAnswer<{ data: HeatMapCell[] }>('/v1/console/heat-map', questionOf(view, timezone))
}

/** The languages and tags for the filters. */
export function useWords(isEnabled: boolean) {
  return useQuery({
    queryKey: ['words'],
    queryFn: ({ signal }) => request<{ languages: string[]; tags: string[] }>('/v1/console/words', { signal }),
    enabled: isEnabled,
    staleTime: 300_000,
  })
}
