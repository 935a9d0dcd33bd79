import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../../context.ts'
import { AppError } from '../../errors.ts'
import type { Metrics } from '../../metrics.ts'
import type { AdmissionWatch } from './admissionWatch.ts'

/** The streams of this process. */
export interface OpenStreams {
  /**
   * Registers a stream until its answer ends. The returned signal fires when the stream must end: the client has gone, the
   * server closes, or the key or session is no longer admitted (the reason is then the AppError). Throws
   * RATE_LIMIT_EXCEEDED or UNAVAILABLE when there are too many.
   */
  open(context: Context, request: Pick<FastifyRequest, 'headers'>, reply: FastifyReply): AbortSignal
}

interface OpenStream {
  holder: string
}

/** The largest numbers of streams in this process: of one key or user, and of all. */
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
      // The client may have gone during sign-in.
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
