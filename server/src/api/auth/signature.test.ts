import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { bodyHashOf, canonicalText, checkSignature, givenSignature, pathAsSent, signatureOf } from './signature.ts'

const secret = 'hmac_test_key'
const timestamp = '1777777777'
const now = Number(timestamp) * 1000
const body = '{"dateFrom":"2026-05-03","dateTo":"2026-05-10","format":"csv","timezone":"America/Santiago"}'

test.each([
  ['POST', '/api/v1/exports/ai-calls', body, 'r9v+oYCylzKbYO0qHG8yOB6EiZhMqHKWVsuaSDqy30c='],
  ['GET', '/api/v1/exports/job_1', '', 'wZ7m988jk/Ma6/WSesjxb+tKBCTJIBBnQ0erdYPJ9aY='],
])('the published recipe gives the known signature of %s %s', (method, target, text, signature) => {
  const bodyHash = bodyHashOf(Buffer.from(text))
  expect(signatureOf(secret, canonicalText(timestamp, method, target, bodyHash))).toBe(signature)
  checkSignature({ timestamp, signature }, secret, { method, target: `${target}?not=signed`, bodyHash })
})

test('the path is signed as it was sent, without its query', () => {
  expect(pathAsSent('/a%2Fb//c/?d=/e')).toBe('/a%2Fb//c/')
  expect(pathAsSent('?x')).toBe('/')
})

test.each([
  [300, undefined],
  [-300, undefined],
  [301, 'TIMESTAMP_EXPIRED'],
  [-301, 'TIMESTAMP_EXPIRED'],
])('a clock that is %i seconds off: %s', (offset, code) => {
  const headers = { 'x-timestamp': String(Number(timestamp) + offset), 'x-signature': 'x' }
  const read = () => givenSignature(headers, now + 999)
  if (code === undefined) expect(read().signature).toBe('x')
  else expect(read).toThrow(expect.objectContaining({ code }))
})

test.each([undefined, '', 'now', '17777777.77', '-1777777777', ' ', '1e9'])(
  'the timestamp %j is no timestamp',
  (text) => {
    const headers = { 'x-timestamp': text, 'x-signature': 'x' }
    expect(() => givenSignature(headers, now)).toThrow(expect.objectContaining({ code: 'INVALID_SIGNATURE' }))
  },
)

test('the timestamp is looked at before the signature', () => {
  expect(() => givenSignature({ 'x-timestamp': '1' }, now)).toThrow(
    expect.objectContaining({ code: 'TIMESTAMP_EXPIRED' }),
  )
  expect(() => givenSignature({ 'x-timestamp': timestamp }, now)).toThrow(
    expect.objectContaining({ code: 'INVALID_SIGNATURE' }),
  )
})

const signedRequest = fc.record({
  timestamp: fc.nat().map(String),
  method: fc.constantFrom('GET', 'POST', 'PUT', 'PATCH', 'DELETE'),
  target: fc.webPath().map((path) => `/${path.replace(/^\/+/, '')}`),
  body: fc.uint8Array(),
  secret: fc.string({ minLength: 1 }),
})

function matches(
  request: { timestamp: string; method: string; target: string; body: Uint8Array; secret: string },
  signature: string,
) {
  const bodyHash = bodyHashOf(request.body)
  try {
    checkSignature({ timestamp: request.timestamp, signature }, request.secret, { ...request, bodyHash })
    return true
  } catch {
    return false
  }
}

test('what is signed passes; any change of timestamp, method, path, body, secret or signature fails', () => {
  fc.assert(
    fc.property(signedRequest, signedRequest, fc.nat(), fc.nat(255), (request, other, at, byte) => {
      const canonical = canonicalText(request.timestamp, request.method, request.target, bodyHashOf(request.body))
      const signature = signatureOf(request.secret, canonical)
      expect(matches(request, signature)).toBe(true)
      for (const field of ['timestamp', 'method', 'target', 'secret'] as const) {
        const changed = { ...request, [field]: other[field] }
        expect(matches(changed, signature)).toBe(request[field] === other[field])
      }
      const altered = Uint8Array.from(request.body)
      altered[at % Math.max(1, altered.length)] = byte
      expect(matches({ ...request, body: altered }, signature)).toBe(Buffer.from(altered).equals(request.body))
      expect(matches({ ...request, body: Uint8Array.of(...request.body, byte) }, signature)).toBe(false)
      expect(matches(request, signature.slice(0, -1))).toBe(false)
      expect(matches(request, `${signature} `)).toBe(false)
      expect(matches(request, signature.toLowerCase())).toBe(signature === signature.toLowerCase())
    }),
  )
})
