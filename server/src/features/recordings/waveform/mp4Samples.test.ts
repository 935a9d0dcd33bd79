import { expect, test } from 'vitest'
import { samplesOf, samplesOfFragment } from './mp4Samples.ts'

/** A box of 32-bit numbers, or of boxes. */
function box(type: string, ...content: (number | Buffer)[]): Buffer {
  const body = Buffer.concat(
    content.map((part) => {
      if (typeof part !== 'number') return part
      const number = Buffer.alloc(4)
      number.writeInt32BE(part)
      return number
    }),
  )
  const header = Buffer.alloc(8)
  header.writeUInt32BE(8 + body.length)
  header.write(type, 4, 'latin1')
  return Buffer.concat([header, body])
}

test('frames lie in their chunks one after another, as many in each as its run says', () => {
  const runs = box('stsc', 0, 2, 1, 2, 1, 3, 1, 1)
  const sizes = box('stsz', 0, 0, 6, 10, 20, 30, 40, 50, 60)
  const chunks = box('stco', 0, 4, 100, 200, 300, 400)
  const expected = [
    { at: 100, bytes: 10 },
    { at: 110, bytes: 20 },
    { at: 200, bytes: 30 },
    { at: 230, bytes: 40 },
    { at: 300, bytes: 50 },
    { at: 400, bytes: 60 },
  ]
  expect([...samplesOf(Buffer.concat([runs, sizes, chunks]))]).toEqual(expected)
  const far = box('co64', 0, 4, 1, 100, 1, 200, 1, 300, 1, 400)
  const farExpected = expected.map(({ at, bytes }) => ({ at: at + 2 ** 32, bytes }))
  expect([...samplesOf(Buffer.concat([runs, sizes, far]))]).toEqual(farExpected)
})

test('tables that name more than they hold throw', () => {
  const tables = [box('stsc', 0, 1, 1, 2, 1), box('stsz', 0, 0, 6, 10), box('stco', 0, 1, 100)]
  expect(() => [...samplesOf(Buffer.concat(tables))]).toThrow(RangeError)
})

test('runs of a fragment follow each other, with sizes of their own or the usual one', () => {
  const other = box('traf', box('tfhd', 0x020000, 1), box('trun', 0x1, 3, 5))
  const own = box(
    'traf',
    box('tfhd', 0x020010, 2, 7),
    box('trun', 0x1, 2, 500),
    box('trun', 0x300, 2, 1024, 11, 1024, 13),
  )
  const fragment = Buffer.concat([box('mfhd', 0, 1), other, own])
  expect([...samplesOfFragment(fragment, 1000, 2, 99)]).toEqual([
    { at: 1500, bytes: 7 },
    { at: 1507, bytes: 7 },
    { at: 1514, bytes: 11 },
    { at: 1525, bytes: 13 },
  ])
})

test('a fragment that says nowhere how long its frames are throws', () => {
  const fragment = box('traf', box('tfhd', 0x020000, 2), box('trun', 0x1, 0x7fffffff, 500))
  expect(() => [...samplesOfFragment(fragment, 0, 2, 0)]).toThrow('how long')
})
