import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../../context.ts'
import { AppError } from '../../errors.ts'
import type { Metrics } from '../../metrics.ts'
import { refusalSince } from '../http/stillAdmitted.ts'

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
  context: Context
  holder: string
  request: Pick<FastifyRequest, 'headers'>
  end: AbortController
}

/** Most streams of one key or user, and of all, in this process. */
export const maxStreams = { ofHolder: 200, ofAll: 5000 }
// With the half second for which a state of a key or session is kept, a stream ends within a second.
const betweenChecksMs = 500
const retryAfterSeconds = 30

export function createOpenStreams(closing: AbortSignal, metrics: Metrics): OpenStreams {
  const streams = new Set<OpenStream>()
  let timer: NodeJS.Timeout | undefined
  closing.addEventListener('abort', () => {
    for (const { end } of streams) end.abort()
  })

  function checkAll(): void {
    for (const { context, request, end } of streams) {
      refusalSince(context.app, request, 'calls:read').then(
        (refusal) => refusal && end.abort(refusal),
        // The control database is away. Whoever was let in stays, as nothing can be read anyway.
        () => {},
      )
    }
  }

  function close(stream: OpenStream): void {
    streams.delete(stream)
    metrics.openStreams.value = streams.size
    stream.end.abort()
    if (streams.size > 0) return
    clearInterval(timer)
    timer = undefined
  }

  return {
    open(context, request, reply) {
      const holder = holderOf(context)
      refuseTooMany(streams, holder)
      const stream = { context, holder, request, end: new AbortController() }
      streams.add(stream)
      metrics.openStreams.value = streams.size
      timer ??= setInterval(checkAll, betweenChecksMs)
      reply.raw.once('close', () => close(stream))
      // It may have gone while it was let in.
      if (reply.raw.closed) close(stream)
      if (closing.aborted) stream.end.abort()
      return stream.end.signal
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
