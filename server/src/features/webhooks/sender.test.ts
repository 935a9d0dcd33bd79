import { once } from 'node:events'
import { createServer } from 'node:net'
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { answering, openReceiver, type Receiver } from '../../../test/receiver.ts'
import { openAddressGuard } from './addressGuard.ts'
import { openSender, type Sender } from './sender.ts'

let allowed: Receiver
let forbidden: Receiver
const signal = new AbortController().signal
const body = Buffer.from('{}')

beforeAll(async () => {
  allowed = await openReceiver('127.0.0.1')
  forbidden = await openReceiver('127.0.0.2')
})
afterAll(async () => {
  await allowed.close()
  await forbidden.close()
})

/** A sender that may reach 127.0.0.1 alone, and believes what it is told of names. */
function senderWith(addresses: Record<string, string[]>): Sender {
  return openSender({
    guard: openAddressGuard(['127.0.0.1']),
    resolveHost: async (host) => addresses[host] ?? [],
    timeoutMs: 30_000,
    connectTimeoutMs: 30_000,
  })
}

const portOf = ({ url }: Receiver) => new URL(url).port

describe('whatever was resolved before', () => {
  test('a host that now resolves to a forbidden address is not connected to', async () => {
    const addresses = { 'hooks.test': ['127.0.0.1'] }
    const sender = senderWith(addresses)
    expect(await sender.post(`http://hooks.test:${portOf(allowed)}/`, {}, body, signal)).toMatchObject({ status: 200 })
    addresses['hooks.test'] = ['127.0.0.2']
    const refusal = 'Not sent: the host is, or resolves to, a loopback address, to which this server sends nothing.'
    await expect(sender.post(`http://hooks.test:${portOf(forbidden)}/`, {}, body, signal)).rejects.toThrow(refusal)
    expect(forbidden.requests).toEqual([])
    await sender.close()
  })

  test('of several addresses only those that are allowed are tried', async () => {
    const sender = senderWith({ 'hooks.test': ['127.0.0.2', '127.0.0.1'] })
    const before = allowed.requests.length
    await sender.post(`http://hooks.test:${portOf(allowed)}/`, {}, body, signal)
    expect(allowed.requests).toHaveLength(before + 1)
    await expect(sender.post(`http://hooks.test:${portOf(forbidden)}/`, {}, body, signal)).rejects.toThrow('refused')
    expect(forbidden.requests).toEqual([])
    await sender.close()
  })

  test.each(['127.0.0.2', '2130706434', '0x7f000002', '[::ffff:127.0.0.2]', '[::1]'])(
    'the address %s itself is not connected to',
    async (host) => {
      const sender = senderWith({})
      await expect(sender.post(`http://${host}:${portOf(forbidden)}/`, {}, body, signal)).rejects.toThrow('Not sent')
      expect(forbidden.requests).toEqual([])
      await sender.close()
    },
  )

  test('a redirect is answered for what it is', async () => {
    const sender = senderWith({})
    allowed.behave(answering(302, { location: forbidden.url }))
    expect(await sender.post(allowed.url, {}, body, signal)).toMatchObject({ status: 302 })
    allowed.behave(answering(200))
    expect(forbidden.requests).toEqual([])
    await sender.close()
  })
})

describe('an answer', () => {
  test('counts once it is final, whatever is said before', async () => {
    const sender = senderWith({})
    allowed.behave((response) => {
      response.writeContinue()
      response.writeProcessing()
      response.writeEarlyHints({ link: '</style.css>; rel=preload' })
      response.writeHead(201).end('made')
    })
    const expected = { status: 201, responseStart: 'made' }
    expect(await sender.post(allowed.url, {}, body, signal)).toMatchObject(expected)
    expect(await sender.post(allowed.url, {}, body, signal)).toMatchObject(expected)
    await sender.close()
  })

  test.each([
    ['gzip', gzipSync],
    ['x-gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
  ])('is shown as text when it comes as %s', async (encoding, compress) => {
    const sender = senderWith({})
    const packed = compress(Buffer.from('the database is away'))
    allowed.behave((response) => void response.writeHead(500, { 'content-encoding': encoding }).end(packed))
    const expected = { status: 500, responseStart: 'the database is away' }
    expect(await sender.post(allowed.url, {}, body, signal)).toMatchObject(expected)
    await sender.close()
  })

  test('is kept to its first characters, however much it inflates to, and counts where it breaks off', async () => {
    const sender = senderWith({})
    const headers = { 'content-encoding': 'gzip' }
    allowed.behave((response) => void response.writeHead(500, headers).end(gzipSync(Buffer.alloc(50_000_000, 'x'))))
    expect((await sender.post(allowed.url, {}, body, signal)).responseStart).toBe('x'.repeat(1000))
    allowed.behave((response) => void response.writeHead(200, headers).end(gzipSync('whole').subarray(0, 12)))
    expect(await sender.post(allowed.url, {}, body, signal)).toMatchObject({ status: 200 })
    allowed.behave((response) => void response.writeHead(200, headers).end('no gzip'))
    expect(await sender.post(allowed.url, {}, body, signal)).toMatchObject({ status: 200 })
    allowed.behave(answering(200))
    await sender.close()
  })

  test('that is no HTTP, or asks for another protocol, is none', async () => {
    let said = ''
    const server = createServer((socket) => void socket.on('error', () => {}).end(said)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const sender = senderWith({})
    const post = () => sender.post(`http://127.0.0.1:${port}/`, {}, body, signal)
    said = 'SSH-2.0-OpenSSH\r\n\r\n'
    await expect(post()).rejects.toThrow(/not HTTP|closed/)
    said = 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n'
    await expect(post()).rejects.toThrow('another protocol')
    said = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/nonsense'
    expect(await post()).toMatchObject({ status: 200 })
    await sender.close()
    server.close()
  })
})

describe('why nothing came back', () => {
  test('is said without an address', async () => {
    const closed = createServer().listen(0, '127.0.0.1')
    await once(closed, 'listening')
    const { port } = closed.address() as { port: number }
    closed.close()
    await once(closed, 'close')
    const sender = senderWith({ 'nowhere.test': [] })
    await expect(sender.post(`http://127.0.0.1:${port}/`, {}, body, signal)).rejects.toThrow(
      /^The connection was refused\.$/,
    )
    await expect(sender.post('http://nowhere.test/', {}, body, signal)).rejects.toThrow(/^Not sent/)
    await expect(sender.post(`https://127.0.0.1:${portOf(allowed)}/`, {}, body, signal)).rejects.toThrow(/TLS/)
    await sender.close()
  })

  test('a name whose servers hang costs no more than the time for connecting', async () => {
    const sender = openSender({
      guard: openAddressGuard([]),
      resolveHost: () => new Promise(() => {}),
      timeoutMs: 60_000,
      connectTimeoutMs: 300,
    })
    const began = performance.now()
    await expect(sender.post('https://hooks.test/', {}, body, signal)).rejects.toThrow(
      'No connection within 0.3 seconds.',
    )
    expect(performance.now() - began).toBeLessThan(30_000)
    await sender.close()
  })
})
