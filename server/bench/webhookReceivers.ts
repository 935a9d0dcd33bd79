import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

// Fifty receivers of webhooks, each on a port of its own; the first ones never answer. Tells its parent the ports, and
// when asked the delays in milliseconds of what has come since the last time, from the event's own time to its arrival.

const [count = 0, hanging = 0] = process.argv.slice(2).map(Number)
let delays: number[] = []
const ports: number[] = []
for (let place = 0; place < count; place++) {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      if (place < hanging) return
      const { timestamp } = JSON.parse(Buffer.concat(chunks).toString())
      delays.push(Date.now() - Date.parse(timestamp))
      response.writeHead(204).end()
    })
  })
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  ports.push((server.address() as AddressInfo).port)
}
process.send?.(ports)
process.on('message', () => {
  process.send?.(delays)
  delays = []
})
process.on('disconnect', () => process.exit())
