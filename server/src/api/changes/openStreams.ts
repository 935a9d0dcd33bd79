import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../../context.ts'
import { AppError } from '../../errors.ts'
import type { Metrics } from '../../metrics.ts'
import type { AdmissionWatch } from './admissionWatch.ts'

/** The streams of this process. */
export interface OpenStreams {
  /**
   * Notes a stream that lasts as long as its answer. The signal that it gives fires when the stream must end: the client
   * has gone, the server closes, or (the reason is then the AppError) the key or session is no longer let in. Throws
   * RATE_LIMIT_EXCEEDED and UNAVAILABLE when there are too many.
   */
  open(context: Context, request: Pick<FastifyRequest, 'headers'>, reply: FastifyReply): AbortSignal
}

interface OpenStream {
  holder: string
}

/** Most streams of one key or user, and of all, in this process. */
export const maxStreams = { ofHolder: 200, ofAll: 5000 }
const retryAfterSeconds = 30

export function createOpenStreams(admissions: AdmissionWatch, metrics: Metrics): OpenStreams {
  const streams = new Set<OpenStream>()
  return {
    open(context, request, reply) {
      const holder = holderOf(context)
      refuseTooMany(streams, holder)
      const stream = { holder }
      const end = new AbortController()
      streams.add(stream)
      metrics.openStreams.value = streams.size
      const unwatch = admissions.add(context.ports, request, end)
      const close = (): void => {
        unwatch()
        streams.delete(stream)
        metrics.openStreams.value = streams.size
        end.abort()
      }
      reply.raw.once('close', close)
      // It may have gone while it was let in.
      if (reply.raw.closed) close()
      return end.signal
    },
  }
}

function holderOf({ accountId, actor }: Context): string {
  if (actor.kind === 'system') return `account ${accountId}`
  return actor.kind === 'key' ? actor.keyId : actor.userId
}

function refuseTooMany(streams: ReadonlySet<OpenStream>, holder: string): void {
  if (streams.size >= maxStreams.ofAll) {
    const message = `This server has ${maxStreams.ofAll} streams open, which is the most; try again in ${retryAfterSeconds} seconds.`
    throw new AppError('UNAVAILABLE', message, { retryAfterSeconds })
  }
  let held = 0
  for (const stream of streams) if (stream.holder === holder) held++
  if (held < maxStreams.ofHolder) return
  throw new AppError(
    'RATE_LIMIT_EXCEEDED',
    `The API key or user has ${maxStreams.ofHolder} streams open, which is the most; close some, or let readers share one.`,
    { retryAfterSeconds },
  )
}
