import type { FastifyInstance, FastifyReply } from 'fastify'

/** Fires when the server begins to close, so that waiting requests are answered. */
export function endOfServer(server: FastifyInstance): AbortSignal {
  const end = new AbortController()
  server.addHook('preClose', async () => end.abort())
  return end.signal
}

/**
 * Fires when the client has gone before it was answered, or has closed its side: others get their answer even so, but from
 * a long wait nobody would notice a client that has gone.
 */
export function goneSignal({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController()
  const end = () => gone.abort()
  const { socket } = raw
  socket?.once('end', end)
  raw.once('close', () => {
    socket?.off('end', end)
    end()
  })
  if (raw.closed || socket?.readableEnded) end()
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
