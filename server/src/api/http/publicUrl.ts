import type { FastifyRequest } from 'fastify'
import type { Config } from '../../config.ts'

/** A host name or address as it stands in `Host`, with or without a port. */
const hostForm = /^(?:[A-Za-z0-9._~%-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/

export function isHost(text: string): boolean {
  return text.length <= 255 && hostForm.test(text)
}

/**
 * The address under which a client reaches this server, without a final slash: the configured one, else the address of
 * the request. Headers of a trusted proxy count.
 */
export function publicUrlOf(
  { publicUrl }: Pick<Config, 'publicUrl'>,
  request: Pick<FastifyRequest, 'host' | 'protocol' | 'headers' | 'socket'>,
): string {
  if (publicUrl !== '') return publicUrl.replace(/\/+$/, '')
  const { host, protocol, headers, socket } = request
  const scheme = protocol === 'https' ? 'https' : 'http'
  const named = [host, headers.host ?? ''].find(isHost)
  return `${scheme}://${named ?? addressOf(socket)}`
}

/** The host for HTTP/1.0 requests, which name none. */
function addressOf({ localAddress = '127.0.0.1', localPort = 80 }: FastifyRequest['socket']): string {
  return `${localAddress.includes(':') ? `[${localAddress}]` : localAddress}:${localPort}`
}
