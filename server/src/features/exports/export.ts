import { z } from 'zod'
import type { ExportSurface } from './surfaces.ts'

/** The request of an export: one file per dataset, all in one format. */
const exportRequest = z.object({
  datasets: z.array(z.string()).min(1),
  format: z.string(),
  parameters: z.record(z.string(), z.unknown()),
  /** No compression by default. */
  compression: z.literal('gzip').optional(),
  /** The requested columns by dataset, in the order of the file; all by default. */
  columns: z.record(z.string(), z.array(z.string()).min(1)).optional(),
})

export type ExportRequest = z.output<typeof exportRequest>

/** The input of an export job. */
export const exportJobInput = z.object({ exportId: z.string() })

export type ExportStatus = 'queued' | 'processing' | 'completed' | 'failed' | 'cancelled'

/** A file of a completed export. */
export interface ExportFile {
  dataset: string
  /** The key in the file store. */
  key: string
  name: string
  contentType: string
  bytes: number
  sha256: string
  rowCount: number
}

/** An export as surfaces show it. */
export interface Export {
  id: string
  accountId: number
  surface: ExportSurface
  jobId: string
  request: ExportRequest
  status: ExportStatus
  /** 0 to 100. */
  progress: number
  /** Empty until the export is completed. */
  files: ExportFile[]
  /** Matching rows, including those beyond a file's limit. */
  totalRows: number | undefined
  truncated: boolean | undefined
  error: string | undefined
  createdAt: Date
  startedAt: Date | undefined
  completedAt: Date | undefined
  /** When the links to the files expire. */
  expiresAt: Date | undefined
}

/** A row of the table `exports`. */
export interface ExportRow {
  id: string
  account_id: number
  surface: ExportSurface
  job_id: string
  request: unknown
  status: ExportStatus
  progress: number
  files: ExportFile[]
  total_rows: number | null
  truncated: boolean | null
  error: string | null
  created_at: Date
  started_at: Date | null
  completed_at: Date | null
  expires_at: Date | null
}

export function exportFrom(row: ExportRow): Export {
  return {
    id: row.id,
    accountId: row.account_id,
    surface: row.surface,
    jobId: row.job_id,
    request: exportRequest.parse(row.request),
    status: row.status,
    progress: row.progress,
    files: row.files,
    totalRows: row.total_rows ?? undefined,
    truncated: row.truncated ?? undefined,
    error: row.error ?? undefined,
    createdAt: row.created_at,
    startedAt: row.started_at ?? undefined,
    completedAt: row.completed_at ?? undefined,
    expiresAt: row.expires_at ?? undefined,
  }
}
