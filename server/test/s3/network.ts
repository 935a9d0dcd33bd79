import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** The network between the program and a server on this machine, which can be cut and mended. */
export interface Network {
  endpoint: string
  /** Bytes that were carried to the server so far. */
  sentBytes(): number
  /** Breaks every connection and lets none come about. */
  cut(): void
  mend(): void
  close(): Promise<void>
}

export async function openNetwork(port: number): Promise<Network> {
  const sockets = new Set<Socket>()
  let isCut = false
  let sent = 0
  const server = createServer((client) => {
    if (isCut) return void client.destroy()
    const far = connect(port, '127.0.0.1')
    for (const [socket, other] of [
      [client, far],
      [far, client],
    ] as const) {
      sockets.add(socket)
      socket.setNoDelay()
      socket.on('error', () => {})
      socket.once('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
      socket.pipe(other)
    }
    client.on('data', (piece) => (sent += piece.length))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('There is no free port.')
  const breakAll = () => {
    for (const socket of sockets) socket.resetAndDestroy()
  }
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    sentBytes: () => sent,
    cut() {
      isCut = true
      breakAll()
    },
    mend() {
      isCut = false
    },
    async close() {
      breakAll()
      server.close()
      await once(server, 'close')
    },
  }
}
