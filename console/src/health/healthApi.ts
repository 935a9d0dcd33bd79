import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { request } from '../api/client.ts'

type EngineState = 'ok' | 'unavailable'

/** The state of the server, and what waits or failed in the account. */
export interface Health {
  version: string
  engines: { postgres: EngineState; clickhouse: EngineState }
  uptimeSeconds: number
  memoryBytes: number
  disk: { freeBytes: number; totalBytes: number; keptFreeBytes: number }
  ingestion: { openBatches: number; oldestSeconds: number }
  totalsDaysBehind: number
  jobs: { kind: string; waiting: number; running: number; failing: number; oldestWaitingSeconds: number }[]
  exports: { failed: number }
  webhooks: { pending: number; oldestDueSeconds: number; failed: number; endpointsDisabled: number }
}

export interface BlockedCalls {
  blockedAfterSeconds: number
  data: { number: number; id: string; phase: string; status: string; waitingSeconds: number }[]
}

export const refreshEverySeconds = 10

const healthKey = ['health']
const blockedKey = ['feedBlocked']

export function useHealth() {
  return useQuery({
    queryKey: healthKey,
    queryFn: ({ signal }) => request<Health>('/v1/admin/health', { signal }),
    refetchInterval: refreshEverySeconds * 1000,
  })
}

/** The calls that block the call feed. */
export function useBlockedCalls() {
  return useQuery({
    queryKey: blockedKey,
    queryFn: ({ signal }) => request<BlockedCalls>('/v1/admin/feed/blocked', { signal }),
    refetchInterval: refreshEverySeconds * 3000,
  })
}

export function useRelease() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: (number: number) => request('/v1/admin/feed/release', { method: 'POST', body: { number } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: blockedKey }),
  })
}

// Values above these need attention.
const lateBatchSeconds = 10
const lateDeliverySeconds = 300
const tightDiskFactor = 2

/** The parts of the server's state that need attention. */
export function troublesOf(health: Health): Record<'ingestion' | 'webhooks' | 'exports' | 'disk' | 'jobs', boolean> {
  const { ingestion, webhooks, disk, jobs, exports } = health
  return {
    ingestion: ingestion.oldestSeconds > lateBatchSeconds,
    webhooks: webhooks.oldestDueSeconds > lateDeliverySeconds || webhooks.failed > 0,
    exports: exports.failed > 0,
    disk: disk.freeBytes < disk.keptFreeBytes * tightDiskFactor,
    jobs: jobs.some((job) => job.failing > 0),
  }
}
