import { formatInstant } from '../../domain/instant.ts'
import { errorStatus, type AppError, type ErrorCode } from '../../errors.ts'
import type { Export, ExportStatus } from '../../features/exports/export.ts'
import type { FailureAnswer } from '../surface.ts'

/** Longest period of an export in days, both ends included. */
export const mostDays = 92

/** The codes that the published table has for kinds of failure which we tell apart. */
const publishedCodes: Partial<Record<ErrorCode, [status: number, code: string]>> = {
  BAD_REQUEST: [400, 'VALIDATION_ERROR'],
  VALIDATION_ERROR: [400, 'VALIDATION_ERROR'],
  INTERNAL_ERROR: [503, 'INTERNAL_ERROR'],
  UNAVAILABLE: [503, 'INTERNAL_ERROR'],
}

/** The envelope of this API. */
export function failure(error: AppError, requestId: string): FailureAnswer {
  const [status, code] = publishedCodes[error.code] ?? [errorStatus[error.code], error.code]
  const { message, details, retryAfterSeconds } = error
  return {
    status,
    body: {
      error: {
        code,
        message,
        ...(details ? { details } : {}),
        requestId,
        ...(retryAfterSeconds === undefined ? {} : { retryAfter: retryAfterSeconds }),
      },
    },
  }
}

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

/** A job with what is known of it; `link` is the address of its file. */
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
  // What is not known yet is left out, as JSON leaves out what is undefined.
  return { data: known }
}
