import { hasEmbeddedEngine, type Config } from '../../config.ts'
import { AppError } from '../../errors.ts'

/** An embedded engine may be busy for a while; a server that is silent for so long is unreachable. */
const deadlineMs = { embedded: 30_000, servers: 10_000 }

/** The messages after a timeout; they do not name the store, because it is not known here. */
const messages = {
  reader: 'What was sent before cannot be read yet, because a store does not answer; try again later.',
  sender: 'A store does not answer, so nothing was stored; send the request again later.',
}

/**
 * Waits for the work up to a deadline, then throws UNAVAILABLE and aborts the signal of the work. Work that ignores the
 * signal continues in the background.
 */
export async function withDeadline<T>(
  config: Pick<Config, 'clickhouseUrls' | 'databaseUrl'>,
  work: (signal: AbortSignal) => Promise<T>,
  who: keyof typeof messages = 'sender',
): Promise<T> {
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), deadlineMs[hasEmbeddedEngine(config) ? 'embedded' : 'servers'])
  try {
    const isLate = new Promise<never>((_, reject) =>
      late.signal.addEventListener('abort', () => reject(tooLate(who)), { once: true }),
    )
    return await Promise.race([work(late.signal), isLate])
  } finally {
    clearTimeout(timer)
  }
}

function tooLate(who: keyof typeof messages): AppError {
  return new AppError('UNAVAILABLE', messages[who], { retryAfterSeconds: 30 })
}
