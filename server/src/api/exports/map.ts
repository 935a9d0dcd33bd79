import { formatInstant } from '../../domain/instant.ts'
import type { Export, ExportStatus } from '../../features/exports/export.ts'

/** Longest period of an export in days, both ends included. */
export const maxDays = 92

/** The published API knows no cancelled jobs. */
const publishedStatus = {
  queued: 'queued',
  processing: 'processing',
  completed: 'completed',
  failed: 'failed',
  cancelled: 'failed',
} as const satisfies Record<ExportStatus, string>

export function startedJob(started: Export) {
  return { data: { jobId: started.id, status: publishedStatus[started.status] } }
}

/** A job with its known fields; `link` is the address of its file. */
export function jobOf(found: Export, link: string | undefined) {
  const { id, status, progress, createdAt, completedAt, expiresAt, totalRows, truncated } = found
  const file = found.files[0]
  const known = {
    jobId: id,
    status: publishedStatus[status],
    progress,
    fileName: file?.name,
    downloadUrl: link,
    error: status === 'cancelled' ? 'The export was cancelled.' : found.error,
    rowCount: file?.rowCount,
    totalRows,
    truncated,
    createdAt: formatInstant(createdAt.getTime()),
    completedAt: completedAt && formatInstant(completedAt.getTime()),
    expiresAt: expiresAt && formatInstant(expiresAt.getTime()),
  }
  // JSON omits undefined fields.
  return { data: known }
}
