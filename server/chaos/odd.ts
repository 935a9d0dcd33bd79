import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'

/** Bodies that no honest sender sends, with their headers. */
const bodies: [name: string, body: Uint8Array<ArrayBuffer> | string, headers: Record<string, string>][] = [
  ['not JSON', '{"id":', {}],
  ['deep', '['.repeat(100_000), {}],
  ['a NUL', '[{"id":"a\\u0000b","channel":"phone"}]', {}],
  ['not UTF-8', new Uint8Array([0x5b, 0x22, 0xff, 0xfe, 0x22, 0x5d]), {}],
  [
    'many unknown fields',
    JSON.stringify([Object.fromEntries(Array.from({ length: 50_000 }, (_, i) => [`f${i}`, i]))]),
    {},
  ],
  ['huge number', '[{"id":"n","channel":"phone","durationSeconds":1e308}]', {}],
  ['swollen', new Uint8Array(gzipSync(Buffer.alloc(40_000_000, 0x20))), { 'Content-Encoding': 'gzip' }],
  ['cut gzip', new Uint8Array(gzipSync('[]').subarray(0, 12)), { 'Content-Encoding': 'gzip' }],
  ['unknown packing', '[]', { 'Content-Encoding': 'zip' }],
]

/** Sends them all; gives those that were answered otherwise than with a fault of the sender's. */
export async function sendOddBodies(url: string, apiKey: string): Promise<string[]> {
  const wrong: string[] = []
  for (const [name, body, headers] of bodies) {
    const answer = await fetch(`${url}/v1/ingest/calls`, {
      method: 'POST',
      headers: { 'X-Api-Key': apiKey, 'Content-Type': 'application/json', ...headers },
      body,
    }).catch(() => undefined)
    const status = answer?.status ?? 0
    await answer?.text().catch(() => '')
    if (!(status >= 400 && status < 500) && status !== 503 && status !== 507) wrong.push(`${name}: ${status}`)
  }
  return wrong
}

const requests = [
  'GET / HTTP/9.9\r\n\r\n',
  'GET /health HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
  `GET /${'x'.repeat(100_000)} HTTP/1.1\r\nHost: a\r\n\r\n`,
  'POST /v1/ingest/calls HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
  'POST /v1/ingest/calls HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n',
  'POST /v1/ingest/calls HTTP/1.1\r\nHost: a\r\nExpect: magic\r\nContent-Length: 2\r\n\r\n[]',
  '\u0000\u0001\u0002\r\n\r\n',
]

/** Writes what is no HTTP, or half of it; gives the answers that blame the server. */
export async function sendRawRequests(port: number): Promise<string[]> {
  const answers = await Promise.all(requests.map((request) => exchange(port, request)))
  return answers.filter((answer) => /^HTTP\/1\.1 5(?!0[37])/.test(answer)).map((answer) => answer.slice(0, 100))
}

function exchange(port: number, request: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    let answer = ''
    socket.setTimeout(2_000, () => socket.destroy())
    socket.on('data', (bytes) => (answer += bytes.toString('latin1')))
    socket.on('error', () => {})
    socket.on('close', () => resolve(answer))
    socket.write(request, 'latin1')
  })
}
