import { AppError, diskFull } from '../../errors.ts'

/** A broken or refused connection; a server that shuts down, starts, has no free connection, or became a standby. */
const awayCodes =
  /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|ENOENT|ERR_STREAM_\w+|08\w{3}|57P0\d|53300|25006)$/
/** Error messages of the driver that have no code. */
const awayMessages =
  /^(Connection terminated|timeout exceeded when trying to connect|timeout expired|Client has encountered a connection|Client was closed)/

const lookMs = 500
/**
 * Checks without an answer before the probe, and again before the server counts as unreachable: about two seconds each.
 */
const patienceLooks = 4

/** Tracks whether PostgreSQL is reachable. */
export interface Reach {
  /** Runs work that needs PostgreSQL. Throws UNAVAILABLE when it is unreachable; the work may be done or not. */
  reaching<T>(work: () => Promise<T>): Promise<T>
  close(): void
}

/**
 * A hanging server breaks no connection. So when work has waited for long, `probe` asks the server for any answer;
 * until one arrives, all waiting and new work fails at once with UNAVAILABLE. Time is counted in checks rather than by
 * the clock, because this process may be the one that was suspended.
 */
export function openReach(probe: (signal: AbortSignal) => Promise<unknown>): Reach {
  const waiting = new Set<{ since: number; giveUp: (error: AppError) => void }>()
  let looks = 0
  let timer: NodeJS.Timeout | undefined
  let isAway = false
  let question: { since: number; abort: AbortController } | undefined

  function ask(): void {
    const asked = { since: looks, abort: new AbortController() }
    question = asked
    const answered = () => {
      if (question !== asked) return
      question = undefined
      isAway = false
    }
    probe(asked.abort.signal).then(answered, answered)
  }

  function giveUp(): void {
    isAway = true
    question?.abort.abort()
    question = undefined
    for (const { giveUp: tell } of waiting) tell(away())
    waiting.clear()
  }

  function look(): void {
    looks++
    const [oldest] = waiting
    if (!oldest && !isAway) return stop()
    if (question && looks - question.since >= patienceLooks) giveUp()
    if (!question && (isAway || (oldest && looks - oldest.since >= patienceLooks))) ask()
  }

  function stop(): void {
    clearInterval(timer)
    timer = undefined
  }

  return {
    async reaching(work) {
      if (isAway) throw away()
      timer ??= setInterval(look, lookMs).unref()
      let entry: { since: number; giveUp: (error: AppError) => void } | undefined
      const givenUp = new Promise<never>((_, reject) => waiting.add((entry = { since: looks, giveUp: reject })))
      try {
        return await Promise.race([work(), givenUp])
      } catch (error) {
        throw isAwayError(error) ? away(error) : isFullDatabase(error) ? diskFull(error) : error
      } finally {
        if (entry) waiting.delete(entry)
      }
    },
    close: stop,
  }
}

function away(cause?: unknown): AppError {
  return new AppError('UNAVAILABLE', 'The control database is away; try again later.', { retryAfterSeconds: 5, cause })
}

function isFullDatabase(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '53100'
}

function isAwayError(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof AppError) return false
  if ('code' in error && typeof error.code === 'string') return awayCodes.test(error.code)
  return awayMessages.test(error.message)
}
