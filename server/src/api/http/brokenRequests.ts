import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { AppError } from '../../errors.ts'
import { answerHeaders } from './frame.ts'
import { newRequestId } from './requestId.ts'
import type { Surface } from './surface.ts'

/** Most bytes of a request's head: line and headers. Long lists of ids fit. */
export const mostHeadBytes = 64 * 1024

/** What is known of a connection when its bytes turn out to be no request. */
interface Seen {
  /** The target of the latest request, as soon as its first line is there. */
  target: string
  /** The latest answer. */
  response: ServerResponse | undefined
}

/** Answers what is no HTTP request, and never reaches a route, in the envelope of the surface that its path belongs to. */
export function createBrokenRequests(surfaceOf: (target: string) => Surface) {
  const connections = new WeakMap<Socket, Seen>()

  function refuse(socket: Socket, error: AppError, isEncrypted: boolean): void {
    const { target, response } = connections.get(socket) ?? { target: '/', response: undefined }
    // In the middle of an answer another one would be part of it.
    const isAnswering = response !== undefined && response.headersSent && !response.writableFinished
    if (socket.destroyed || !socket.writable || isAnswering) {
      socket.destroy()
      return
    }
    const requestId = newRequestId()
    const failure = surfaceOf(target).failure(error, requestId)
    const body = JSON.stringify(failure.body)
    const headers = {
      ...answerHeaders(requestId, isEncrypted),
      ...failure.headers,
      'Content-Type': 'application/json; charset=utf-8',
      'Content-Length': String(Buffer.byteLength(body)),
      Connection: 'close',
    }
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
    const { status } = failure
    socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${body}`)
  }

  return {
    /** What the parser refused: for Fastify's `clientErrorHandler`. */
    answer: (error: Error & { code?: string }, socket: Socket): void => {
      if (error.code === 'ECONNRESET') socket.destroy()
      else refuse(socket, asRefusal(error.code), isEncrypted(socket))
    },
    /** Notes where requests go to before they are read to their end. */
    watch({ server }: FastifyInstance, opened: 'connection' | 'secureConnection'): void {
      server.on(opened, (socket: Socket) => {
        const seen: Seen = { target: '/', response: undefined }
        connections.set(socket, seen)
        // Before the parser, which may refuse these very bytes.
        socket.prependListener('data', (chunk: Buffer) => {
          seen.target = targetOf(chunk) ?? seen.target
        })
      })
      server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
        const seen = connections.get(socket)
        if (seen) seen.response = response
      })
      server.on('connect', (_request, socket: Socket) => {
        refuse(
          socket,
          new AppError('METHOD_NOT_ALLOWED', 'This is no proxy; it does not take CONNECT.'),
          isEncrypted(socket),
        )
      })
    },
  }
}

function isEncrypted(socket: Socket): boolean {
  return 'encrypted' in socket && socket.encrypted === true
}

function asRefusal(code: string | undefined): AppError {
  if (code === 'HPE_HEADER_OVERFLOW') {
    return new AppError(
      'HEADERS_TOO_LARGE',
      `The address and headers are larger than ${mostHeadBytes / 1024} KiB together.`,
    )
  }
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') {
    return new AppError('REQUEST_TIMEOUT', 'The request did not arrive in time; send it again.')
  }
  return new AppError('BAD_REQUEST', 'This is not a valid HTTP request.')
}

// A method, and as much of its target as tells the surface.
const longestStart = 300

/** The target that a chunk begins with, when it is the beginning of a request. */
function targetOf(chunk: Buffer): string | undefined {
  const first = chunk[0] ?? 0
  // Nearly all chunks of a body end here.
  if (first < 0x41 || first > 0x5a) return undefined
  return /^[A-Z]{3,20} (\/[^\s?#]*)/.exec(chunk.toString('latin1', 0, longestStart))?.[1]
}
