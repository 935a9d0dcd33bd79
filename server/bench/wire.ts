import { connect, type Socket } from 'node:net'

/**
 * One HTTP connection, as lean as it can be: the request goes out in one write, of the answer only the status and the
 * length are read. Client and server share the machine, so what the client costs the server lacks.
 */
export class Wire {
  readonly #socket: Socket
  readonly #host: string
  #received: Buffer = Buffer.alloc(0)
  #waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined

  private constructor(socket: Socket, host: string) {
    this.#socket = socket
    this.#host = host
    socket.setNoDelay(true)
    socket.on('data', (bytes) => this.#take(bytes))
    socket.on('error', (error) => this.#waiting?.reject(error))
    socket.on('close', () => this.#waiting?.reject(new Error('The server closed the connection.')))
  }

  static async open(url: string): Promise<Wire> {
    const { hostname, port, host } = new URL(url)
    const socket = connect(Number(port), hostname)
    await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject))
    return new Wire(socket, host)
  }

  /** Sends a request that was made before. */
  send(head: string, body: Buffer): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject }
      this.#socket.write(
        Buffer.concat([Buffer.from(`${head}Host: ${this.#host}\r\nContent-Length: ${body.length}\r\n\r\n`), body]),
      )
    })
  }

  close(): void {
    this.#waiting = undefined
    this.#socket.destroy()
  }

  #take(bytes: Buffer): void {
    this.#received = this.#received.length === 0 ? bytes : Buffer.concat([this.#received, bytes])
    const end = this.#received.indexOf('\r\n\r\n')
    if (end < 0) return
    const head = this.#received.toString('latin1', 0, end)
    const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0)
    if (this.#received.length < end + 4 + length) return
    const body = this.#received.toString('utf8', end + 4, end + 4 + length)
    this.#received = this.#received.subarray(end + 4 + length)
    this.#waiting?.resolve({ status: Number(head.slice(9, 12)), body })
  }
}

export interface Answer {
  status: number
  body: string
}

/** The first lines of a request with the key. */
export function headOf(method: string, path: string, apiKey: string, contentType: string): string {
  return `${method} ${path} HTTP/1.1\r\nX-Api-Key: ${apiKey}\r\nContent-Type: ${contentType}\r\n`
}
