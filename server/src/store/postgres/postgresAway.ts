import { AppError } from '../../errors.ts'

/** A broken or refused connection; a server that shuts down, starts, has no place left, or became a standby. */
const awayCodes =
  /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|ENOENT|08\w{3}|57P0\d|53300|25006)$/
/** What the driver says itself, without a code. */
const awayMessages =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection)/

/** Does what needs PostgreSQL. Throws UNAVAILABLE when that is away: what was asked may have been done or not. */
export async function reachingPostgres<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    if (!isAway(error)) throw error
    throw new AppError('UNAVAILABLE', 'The control database is away; try again later.', {
      retryAfterSeconds: 5,
      cause: error,
    })
  }
}

function isAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false
  if ('code' in error && typeof error.code === 'string') return awayCodes.test(error.code)
  return awayMessages.test(error.message)
}
