import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { AppError } from '../../errors.ts'
import { answerHeaders } from './frame.ts'
import { newRequestId } from './requestId.ts'
import type { Surface } from './surface.ts'

/** The largest request head (line and headers) in bytes. Long lists of ids fit. */
export const mostHeadBytes = 64 * 1024

/** State of a connection, for bytes that are not a request. */
interface Seen {
  /** The target of the latest request, from its first line. */
  target: string
  /** The latest answer. */
  response: ServerResponse | undefined
}

/** Answers broken HTTP requests, which reach no route, in the envelope of their path's surface. */
export function createBrokenRequests(surfaceOf: (target: string) => Surface) {
  const connections = new WeakMap<Socket, Seen>()

  function refuse(socket: Socket, error: AppError, isEncrypted: boolean): void {
    const { target, response } = connections.get(socket) ?? { target: '/', response: undefined }
    // A whole request came before: its answer comes first.
    if (response?.req.complete && !response.writableFinished && !socket.destroyed) {
      response.once('finish', () => refuse(socket, error, isEncrypted))
      return
    }
    // A second answer would become part of a running one.
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
    /** Fastify's `clientErrorHandler`, for requests that the parser refuses. */
    answer: (error: Error & { code?: string }, socket: Socket): void => {
      if (error.code === 'ECONNRESET') socket.destroy()
      else refuse(socket, asRefusal(error.code), isEncrypted(socket))
    },
    /** Records the targets of requests before they are complete. */
    watch({ server }: FastifyInstance, opened: 'connection' | 'secureConnection'): void {
      server.on(opened, (socket: Socket) => {
        const seen: Seen = { target: '/', response: undefined }
        connections.set(socket, seen)
        // Runs before the parser, which may refuse these bytes.
        socket.prependListener('data', (chunk: Buffer) => {
          seen.target = targetOf(chunk) ?? seen.target
        })
      })
      server.on('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
        const seen = connections.get(socket)
        if (!seen) return
        seen.response = response
        // It holds its request with the whole body, which an idle connection would keep.
        response.once('close', () => {
          if (seen.response === response) seen.response = undefined
        })
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

// A method, and enough of its target to find the surface.
const longestStart = 300

/** The target of the request that a chunk begins, if it begins one. */
function targetOf(chunk: Buffer): string | undefined {
  const first = chunk[0] ?? 0
  // Most chunks of a body end here.
  if (first < 0x41 || first > 0x5a) return undefined
  return /^[A-Z]{3,20} (\/[^\s?#]*)/.exec(chunk.toString('latin1', 0, longestStart))?.[1]
}
