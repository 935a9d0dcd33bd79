import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { until } from './program.ts'

/** A request as a receiver of webhooks got it. */
export interface Received {
  path: string
  headers: IncomingHttpHeaders
  /** The raw body. */
  body: string
  at: number
  // Tests look into payloads of many shapes, and fail where one is another.
  // oxlint-disable-next-line typescript/no-explicit-any
  json: any
}

/** What a receiver does with a request; it need not answer. */
type Behaviour = (response: ServerResponse, request: Received, place: number) => void

/** A receiver of webhooks on a real socket. */
export interface Receiver {
  url: string
  requests: Received[]
  behave(behaviour: Behaviour): void
  /** Resolves when so many requests have come. */
  count(min: number): Promise<void>
  close(): Promise<void>
}

/** An answer with a status and a short body. */
export function answering(status: number, headers: Record<string, string> = {}, body = 'thanks'): Behaviour {
  return (response) => void response.writeHead(status, headers).end(body)
}

/** Opens a receiver on a loopback address that answers 200 until it is told otherwise. */
export async function openReceiver(host = '127.0.0.1'): Promise<Receiver> {
  const requests: Received[] = []
  let behaviour = answering(200)
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString()
      const received = {
        path: request.url ?? '',
        headers: request.headers,
        body,
        at: Date.now(),
        json: JSON.parse(body),
      }
      requests.push(received)
      behaviour(response, received, requests.length)
    })
  })
  server.listen(0, host)
  await new Promise((resolve) => server.once('listening', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://${host}:${port}/hooks`,
    requests,
    behave: (next) => void (behaviour = next),
    count: (min) => until(`${min} webhooks have come`, () => requests.length >= min),
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
