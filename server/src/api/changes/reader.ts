import type { FastifyInstance, FastifyReply } from 'fastify'

/** Fires when the server begins to close, so that waiting requests are answered. */
export function endOfServer(server: FastifyInstance): AbortSignal {
  const end = new AbortController()
  server.addHook('preClose', async () => end.abort())
  return end.signal
}

/** Fires when the client disconnects before the answer. */
export function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController()
  reply.raw.once('close', () => gone.abort())
  if (reply.raw.closed) gone.abort()
  return gone.signal
}

// A reader that takes nothing for this long would keep a connection of the engine from others.
const stallMs = 60_000

/** The same pieces; a client that takes none for a minute is disconnected. */
export async function* failWhenStalled<Piece>(
  content: AsyncIterable<Piece>,
  reply: FastifyReply,
  limitMs = stallMs,
): AsyncGenerator<Piece> {
  for await (const piece of content) {
    const timer = setTimeout(() => reply.raw.destroy(), limitMs)
    try {
      yield piece
    } finally {
      clearTimeout(timer)
    }
  }
}
