import type { FastifyInstance, FastifyRequest } from 'fastify'
import { AppError } from '../../errors.ts'
import { isHost } from './publicUrl.ts'

/** Headers of every answer. */
export function answerHeaders(requestId: string, isEncrypted: boolean): Record<string, string> {
  return {
    'X-Request-Id': requestId,
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer',
    // One year, as usual; without includeSubDomains, because other hosts may not use TLS.
    ...(isEncrypted ? { 'Strict-Transport-Security': 'max-age=31536000' } : {}),
  }
}

/** Sets the headers of every answer, and refuses invalid HTTP in the surface's envelope. */
export function addFrame(server: FastifyInstance): void {
  // Node.js would answer another expectation itself, without a body.
  server.server.on('checkExpectation', (request, response) => server.server.emit('request', request, response))
  server.addHook('onRequest', async (request, reply) => {
    reply.headers(answerHeaders(request.id, request.protocol === 'https'))
    if (request.routeOptions.config.lasts) endWithClient(request)
    if (server.draining.isOn) reply.header('Connection', 'close')
    refuseHost(request)
    refuseExpectation(request)
  })
}

/** An answer without an end would be made for a client that has gone; any other is sent to one that closed its side. */
function endWithClient({ raw: { socket } }: FastifyRequest): void {
  if (socket.readableEnded) socket.destroy()
  else socket.once('end', () => socket.destroy())
}

/** Refuses two hosts, because a proxy and the server may use different ones, and links begin with the host. */
function refuseHost({ raw }: FastifyRequest): void {
  const names = raw.rawHeaders.filter((_, index) => index % 2 === 0)
  const hosts = names.filter((name) => name.toLowerCase() === 'host').length
  const { host } = raw.headers
  if (hosts > 1) throw new AppError('BAD_REQUEST', 'The request has several Host headers; send one.')
  if (hosts === 0 && raw.httpVersion !== '1.0') {
    throw new AppError('BAD_REQUEST', 'The request has no Host header; HTTP/1.1 asks for one.')
  }
  if (host !== undefined && host !== '' && !isHost(host)) {
    throw new AppError('BAD_REQUEST', 'The Host header is not valid; it must be a name or an address, with its port.')
  }
}

function refuseExpectation({ raw }: FastifyRequest): void {
  const { expect } = raw.headers
  if (expect === undefined || expect.toLowerCase() === '100-continue' || raw.httpVersion === '1.0') return
  throw new AppError('EXPECTATION_FAILED', 'The only expectation that is met is Expect: 100-continue.')
}
