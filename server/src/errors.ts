/** Every error code, with its HTTP status unless the reference of a surface differs. */
export const errorStatus = {
  BAD_REQUEST: 400,
  VALIDATION_ERROR: 422,
  INVALID_API_KEY: 401,
  INVALID_SIGNATURE: 401,
  TIMESTAMP_EXPIRED: 401,
  INSUFFICIENT_SCOPE: 403,
  CSRF_TOKEN_INVALID: 403,
  LINK_INVALID: 403,
  RESOURCE_NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  REQUEST_TIMEOUT: 408,
  CONFLICT: 409,
  GONE: 410,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  EXPECTATION_FAILED: 417,
  RATE_LIMIT_EXCEEDED: 429,
  HEADERS_TOO_LARGE: 431,
  INTERNAL_ERROR: 500,
  UNAVAILABLE: 503,
  DISK_FULL: 507,
} as const

export type ErrorCode = keyof typeof errorStatus

/** One fault in a request: which record of a batch (from 0), which field, and what would be right. */
export interface FaultDetail {
  index?: number
  field?: string
  reason?: string
  message: string
}

/** The number of records of a request that broke a rule; contains no sent value. */
export interface Refusal {
  field: string
  rule: string
  records: number
}

/**
 * A failure whose message may be shown to the caller: it says what is wrong and what would be right,
 * and holds no secret and no personal datum.
 */
export class AppError extends Error {
  readonly code: ErrorCode
  readonly details: FaultDetail[] | undefined
  /** Seconds after which a retry makes sense (429, 503). */
  readonly retryAfterSeconds: number | undefined
  /** The scope that an API key lacks (403). */
  readonly missingScope: string | undefined
  /** The message without sent values, where the message quotes them or says more than its code. */
  readonly rule: string | undefined
  /** All faults of a request's records by kind. */
  readonly refusals: readonly Refusal[] | undefined

  constructor(
    code: ErrorCode,
    message: string,
    more: {
      details?: FaultDetail[]
      retryAfterSeconds?: number
      missingScope?: string
      rule?: string
      refusals?: readonly Refusal[]
      cause?: unknown
    } = {},
  ) {
    super(message, { cause: more.cause })
    this.name = 'AppError'
    this.code = code
    this.details = more.details
    this.retryAfterSeconds = more.retryAfterSeconds
    this.missingScope = more.missingScope
    this.rule = more.rule
    this.refusals = more.refusals
  }
}

/** The message of anything thrown, for logs and command line output. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** The error for a full disk, including that of a database. */
export function diskFull(cause: unknown): AppError {
  const message = "The server's disk is full. Nothing was stored; try again when there is space."
  return new AppError('DISK_FULL', message, { cause })
}

/** Runs work that reads can do without; ignores its failure while the disk is full. */
export async function unlessDiskFull(work: Promise<unknown>): Promise<void> {
  try {
    await work
  } catch (error) {
    if (!(error instanceof AppError && error.code === 'DISK_FULL')) throw error
  }
}

/** The error for a caller when the call data engine is out of disk space or memory. */
export function refusalOfEngine(error: unknown): AppError | undefined {
  if (!(error instanceof Error) || error instanceof AppError) return undefined
  if (/NOT_ENOUGH_SPACE|No space left on device/.test(error.message)) return diskFull(error)
  if (!/MEMORY_LIMIT_EXCEEDED/.test(error.message)) return undefined
  return new AppError(
    'UNAVAILABLE',
    'The call data store has too little memory for this now; try again later, or ask for less at once.',
    { retryAfterSeconds: 5, cause: error },
  )
}
