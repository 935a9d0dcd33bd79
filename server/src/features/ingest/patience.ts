import { hasEmbeddedEngine, type Config } from '../../config.ts'
import { AppError } from '../../errors.ts'

/** An engine of one's own may be busy for a while; one that a whole cluster waits for is away. */
const patienceMs = { embedded: 30_000, servers: 10_000 }

/**
 * Waits for batches to reach the call data store, for as long as somebody can be kept waiting: then throws UNAVAILABLE and
 * aborts the signal of the work, which goes on by itself if it does not heed that.
 */
export async function patiently<T>(
  config: Pick<Config, 'clickhouseUrls' | 'databaseUrl'>,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const late = new AbortController()
  const timer = setTimeout(() => late.abort(), patienceMs[hasEmbeddedEngine(config) ? 'embedded' : 'servers'])
  try {
    const isLate = new Promise<never>((_, reject) =>
      late.signal.addEventListener('abort', () => reject(tooLate()), { once: true }),
    )
    return await Promise.race([work(late.signal), isLate])
  } finally {
    clearTimeout(timer)
  }
}

function tooLate(): AppError {
  return new AppError('UNAVAILABLE', 'The call data store does not take the records that were sent; try again later.', {
    retryAfterSeconds: 30,
  })
}
