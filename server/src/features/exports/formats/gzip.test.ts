import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { gzipped } from './gzip.ts'

const piece = Buffer.from('a line of text\n'.repeat(10_000))

test('what is compressed reads back', async () => {
  async function* content() {
    for (let index = 0; index < 20; index++) yield piece
  }
  const pieces = []
  for await (const compressed of gzipped(content())) pieces.push(compressed)
  expect(gunzipSync(Buffer.concat(pieces))).toEqual(Buffer.concat(Array.from({ length: 20 }, () => piece)))
})

test('a source that fails fails the whole', async () => {
  async function* content() {
    yield piece
    throw new Error('the engine broke off')
  }
  const read = async () => {
    for await (const compressed of gzipped(content())) void compressed
  }
  await expect(read()).rejects.toThrow('the engine broke off')
})

test('a reader that breaks off ends the source', async () => {
  const ended = Promise.withResolvers<void>()
  async function* content() {
    try {
      for (;;) {
        yield Buffer.from(Array.from({ length: 65_536 }, () => Math.random() * 256))
        await new Promise((resolve) => setImmediate(resolve))
      }
    } finally {
      ended.resolve()
    }
  }
  for await (const compressed of gzipped(content())) {
    if (compressed.length > 0) break
  }
  await ended.promise
})
