import { z } from 'zod'
import { errorStatus, type AppError, type ErrorCode } from '../../errors.ts'
import { faultShape } from './fallback.ts'
import type { FailureAnswer } from '../http/surface.ts'

/** The published status and code of internal codes that the published table does not have. */
const publishedCodes: Partial<Record<ErrorCode, [status: number, code: string]>> = {
  BAD_REQUEST: [400, 'VALIDATION_ERROR'],
  VALIDATION_ERROR: [400, 'VALIDATION_ERROR'],
  INTERNAL_ERROR: [503, 'INTERNAL_ERROR'],
  UNAVAILABLE: [503, 'INTERNAL_ERROR'],
}

/** The envelope of the signed exports and of analytics. */
export function exportsFailure(error: AppError, requestId: string): FailureAnswer {
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

/** The shape of that envelope. */
export const exportsFailureShape = z.strictObject({
  error: z.strictObject({
    code: z.string(),
    message: z.string().describe('What is wrong and what would be right'),
    details: z.array(faultShape).optional(),
    requestId: z.string().describe('As in the header X-Request-Id'),
    retryAfter: z.int().optional().describe('Seconds after which trying again makes sense'),
  }),
})
