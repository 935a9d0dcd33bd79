import { z } from 'zod'
import { errorStatus, type AppError, type ErrorCode } from '../../errors.ts'
import type { FailureAnswer } from '../http/surface.ts'

/** Published codes that differ from the internal ones in lower case. */
const publishedCodes: Partial<Record<ErrorCode, [status: number, code: string]>> = {
  BAD_REQUEST: [400, 'bad_request'],
  INVALID_API_KEY: [401, 'unauthorized'],
  INVALID_SIGNATURE: [401, 'unauthorized'],
  TIMESTAMP_EXPIRED: [401, 'unauthorized'],
  INSUFFICIENT_SCOPE: [403, 'forbidden'],
  RESOURCE_NOT_FOUND: [404, 'not_found'],
}

/** The published messages; other failures use the message of the error. */
function publishedMessage({ code, message, missingScope, retryAfterSeconds }: AppError): string {
  if (code === 'INVALID_API_KEY') return 'Invalid or missing API key'
  if (missingScope !== undefined) return `API key lacks required scope: ${missingScope}`
  if (code === 'RATE_LIMIT_EXCEEDED' && retryAfterSeconds !== undefined) {
    return `Rate limit exceeded. Retry after ${retryAfterSeconds} seconds.`
  }
  return message
}

/** The envelope of the calls API and its webhooks: `details` only with 422, `retry_after` where a retry makes sense. */
export function callsFailure(error: AppError): FailureAnswer {
  const [status, code] = publishedCodes[error.code] ?? [errorStatus[error.code], error.code.toLowerCase()]
  const { details, retryAfterSeconds } = error
  return {
    status,
    body: {
      error: code,
      message: publishedMessage(error),
      ...(status === 422
        ? { details: (details ?? []).map((detail) => ({ field: detail.field ?? '', message: detail.message })) }
        : {}),
      ...(retryAfterSeconds === undefined ? {} : { retry_after: retryAfterSeconds }),
    },
  }
}

/** The shape of that envelope. */
export const callsFailureShape = z.strictObject({
  error: z.string().describe('The code'),
  message: z.string(),
  details: z
    .array(z.strictObject({ field: z.string(), message: z.string() }))
    .optional()
    .describe('With 422 alone'),
  retry_after: z.int().optional().describe('Seconds after which trying again makes sense'),
})
