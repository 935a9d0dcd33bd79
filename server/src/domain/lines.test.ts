import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { linesOf, type Line } from './lines.ts'

/** Everything at which some reader of lines cuts, and texts of every plane. */
const text = fc.string({
  unit: fc.oneof(
    { weight: 1, arbitrary: fc.constantFrom('\n', '\r', '\r\n', '\u2028', '\u2029', '\u0085', '\f', '\v', '\u001C') },
    { weight: 2, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }) },
  ),
})

/** The bytes of a text in pieces of one size. */
async function* inPieces(bytes: Buffer, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function readAll(bytes: Buffer, size: number, max?: number): Promise<Line[]> {
  const lines: Line[] = []
  for await (const line of linesOf(inPieces(bytes, size), max)) lines.push(line)
  return lines
}

test('only a line feed ends a line, however the bytes come in pieces', async () => {
  await fc.assert(
    fc.asyncProperty(text, fc.integer({ min: 1, max: 9 }), async (whole, size) => {
      const expected = whole.split('\n')
      if (expected.at(-1) === '') expected.pop()
      const lines = await readAll(Buffer.from(whole), size)
      expect(lines.map(({ bytes }) => bytes.toString())).toEqual(expected)
      expect(lines.map(({ number }) => number)).toEqual(expected.map((_, index) => index + 1))
      expect(lines.every(({ isWhole }) => isWhole)).toBe(true)
    }),
  )
})

test('a line that is too long is cut, and the next ones are as they were', async () => {
  for (const size of [1, 3, 100]) {
    const lines = await readAll(Buffer.from(`abc\n${'x'.repeat(20)}\nabcd\n`), size, 4)
    expect(lines.map(({ bytes, isWhole }) => [bytes.toString(), isWhole])).toEqual([
      ['abc', true],
      ['xxxx', false],
      ['abcd', true],
    ])
  }
})
