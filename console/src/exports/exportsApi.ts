import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import { request } from '../api/client.ts'

/** The body of `POST /v1/exports`. */
export interface ExportBody {
  dataset?: string
  datasets?: string[]
  format: string
  compression: string
  columns?: string[] | Record<string, string[]>
  from?: string
  to?: string
  dateFrom?: string
  dateTo?: string
  timezone?: string
  campaignId?: string
  status?: string
  contact?: string
}

interface ExportFile {
  name: string
  bytes: number
  rowCount: number
  downloadUrl: string
}

/** An export as `GET /v1/exports` lists it. */
export interface ExportJob {
  exportId: string
  surface: string
  datasets: string[]
  format: string
  compression: string
  status: 'queued' | 'processing' | 'completed' | 'failed' | 'cancelled'
  progress: number
  queuePosition: number | null
  rowCount: number | null
  totalRows: number | null
  truncated: boolean | null
  files: ExportFile[]
  error: string | null
  /** The request that starts it again, if there is one. */
  request: ExportBody | null
  createdAt: string
  completedAt: string | null
}

const listKey = ['exports']
const movingMs = 1000
const restingMs = 15_000

/** The exports of the last 72 hours; polled every second while one runs. */
export function useExports() {
  return useQuery({
    queryKey: listKey,
    queryFn: async ({ signal }) => (await request<{ data: ExportJob[] }>('/v1/exports', { signal })).data,
    refetchInterval: (query) => (query.state.data?.some(isUnderWay) ? movingMs : restingMs),
  })
}

export function isUnderWay({ status }: ExportJob): boolean {
  return status === 'queued' || status === 'processing'
}

/** Starts and cancels exports, and refreshes the list. */
export function useExportActions() {
  const queries = useQueryClient()
  const after = useCallback(
    async (change: Promise<unknown>) => {
      await change
      await queries.invalidateQueries({ queryKey: listKey })
    },
    [queries],
  )
  return {
    start: (body: ExportBody) => after(request('/v1/exports', { method: 'POST', body })),
    cancel: (id: string) => after(request(`/v1/exports/${id}`, { method: 'DELETE' })),
  }
}

/** A dataset as `GET /v1/schema` describes it. */
export interface DatasetSchema {
  name: string
  formats: string[]
  columns: { name: string; description: string }[]
}

/** The datasets with their formats and columns. */
export function useDatasets() {
  return useQuery({
    queryKey: ['datasets'],
    queryFn: async ({ signal }) =>
      (await request<{ data: { datasets: DatasetSchema[] } }>('/v1/schema', { signal })).data.datasets,
    staleTime: Number.POSITIVE_INFINITY,
  })
}
