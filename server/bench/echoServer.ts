import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

// Takes a body and answers as ingestion does, without doing anything.
const answer = JSON.stringify({ data: { accepted: 1, created: 1, updated: 0, unchanged: 0, rejected: 0, errors: [] } })
const server = createServer((request, response) => {
  request.resume().on('end', () => response.writeHead(200, { 'Content-Length': answer.length }).end(answer))
})
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
process.on('disconnect', () => process.exit())
