import type { FastifyInstance, FastifyRequest } from 'fastify'
import { AppError } from '../../errors.ts'
import { isHost } from './publicUrl.ts'

/** Headers of every answer, whoever gives it. */
export function answerHeaders(requestId: string, isEncrypted: boolean): Record<string, string> {
  return {
    'X-Request-Id': requestId,
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
    'Referrer-Policy': 'no-referrer',
    // A year, as is usual; what lies beside this host is not ours to speak for.
    ...(isEncrypted ? { 'Strict-Transport-Security': 'max-age=31536000' } : {}),
  }
}

/** Headers for every answer, and a refusal in the surface's envelope for what HTTP itself forbids. */
export function addFrame(server: FastifyInstance): void {
  // Node.js would answer another expectation by itself, without a body.
  server.server.on('checkExpectation', (request, response) => server.server.emit('request', request, response))
  server.addHook('onRequest', async (request, reply) => {
    reply.headers(answerHeaders(request.id, request.protocol === 'https'))
    if (server.draining.isOn) reply.header('Connection', 'close')
    refuseHost(request)
    refuseExpectation(request)
  })
}

/** Of two hosts a proxy may heed the one and we the other; links are made of what stands there. */
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
