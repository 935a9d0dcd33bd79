import { messageOf, AppError, refusalOfEngine, errorStatus, type ErrorCode, type FaultDetail } from '../../errors.ts'
import { z } from 'zod'

/** The largest number of faults in an answer. */
const maxDetails = 100

/** Longer unknown names are shortened to this length in messages. */
const maxName = 100

/** The faults of a schema in one part of a request. */
export function validationFault(part: string | undefined, error: z.ZodError): AppError {
  if (part === 'params') return new AppError('RESOURCE_NOT_FOUND', 'There is nothing at this path.')
  const found: FaultDetail[] = error.issues.flatMap((issue) => {
    const field = issue.path.map(String).join('.')
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.slice(0, maxDetails).map((key) => {
        const name = key.slice(0, maxName)
        return { field: field === '' ? name : `${field}.${name}`, message: 'is not known here' }
      })
    }
    return [{ field, message: issue.message }]
  })
  const where = part === 'querystring' ? 'query' : 'body'
  const details = found.slice(0, maxDetails)
  const [first] = details
  // The known names appear once, not with every unknown name.
  const [issue] = error.issues
  const known = issue?.code === 'unrecognized_keys' ? issue.message : ''
  const named = first?.field ? `${first.field}: ${first.message}` : (first?.message ?? 'it does not fit')
  const others = found.length > 1 ? ` (and ${found.length - 1} more)` : ''
  return new AppError('VALIDATION_ERROR', `The ${where} is not valid: ${named}${others}${known}.`, { details })
}

/** Texts for faults whose default text is too vague. */
export function issueText(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'unrecognized_keys') {
    const known = issue.inst instanceof z.ZodObject ? Object.keys(issue.inst.shape) : []
    return known.length === 0 ? '; nothing is' : `; known are ${known.join(', ')}`
  }
  return issue.input === undefined && (issue.code === 'invalid_type' || issue.code === 'invalid_value')
    ? 'is required'
    : undefined
}

const codesByStatus = new Map(
  Object.entries(errorStatus).map(([code, status]): [number, ErrorCode] => [status, asErrorCode(code)]),
)

/** `Object.entries` forgets that the keys of `errorStatus` are error codes. */
function asErrorCode(key: string): ErrorCode {
  return key as ErrorCode
}

/**
 * Anything thrown as an AppError. Faults that the HTTP frame itself found (a wrong Content-Length, say) keep their
 * 4xx. Everything else becomes INTERNAL_ERROR with `unexpected` set, and the caller gets no details.
 */
export function asAppError(error: unknown): { error: AppError; unexpected: boolean } {
  if (error instanceof AppError) return { error, unexpected: error.code === 'INTERNAL_ERROR' }
  const refusal = refusalOfEngine(error)
  if (refusal) return { error: refusal, unexpected: false }
  const status = error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500
  if (status >= 400 && status < 500) {
    const code = status === 401 ? 'BAD_REQUEST' : (codesByStatus.get(status) ?? 'BAD_REQUEST')
    return { error: new AppError(code, messageOf(error), { cause: error }), unexpected: false }
  }
  return {
    error: new AppError('INTERNAL_ERROR', 'Something went wrong here; try again later.', { cause: error }),
    unexpected: true,
  }
}
