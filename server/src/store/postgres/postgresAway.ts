import { AppError, diskFull } from '../../errors.ts'

/** A broken or refused connection; a server that shuts down, starts, has no place left, or became a standby. */
const awayCodes =
  /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|ENOENT|ERR_STREAM_\w+|08\w{3}|57P0\d|53300|25006)$/
/** What the driver says itself, without a code. */
const awayMessages =
  /^(Connection terminated|timeout exceeded when trying to connect|timeout expired|Client has encountered a connection|Client was closed)/

const lookMs = 500
/** Looks after which silence is asked about, and the same again after which it counts: about two seconds each. */
const patienceLooks = 4

/** The way to PostgreSQL, which knows whether there is one. */
export interface Reach {
  /** Does what needs PostgreSQL. Throws UNAVAILABLE when that is away: what was asked may have been done or not. */
  reaching<T>(work: () => Promise<T>): Promise<T>
  close(): void
}

/**
 * A server that hangs breaks no connection. So when something has waited for it for long, `probe` asks it for a sign of
 * life, whatever it says; while none comes, everything that waits or comes is told at once that the server is away. Time
 * is counted in looks rather than by the clock, as this process may be the one that stands still.
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
