import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { keyHash } from '../../domain/keyHash.ts'
import { KeyFilter } from './keyFilter.ts'

test('a filter denies no key that was added, also beyond its capacity', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 2 ** 48 - 1 }), { maxLength: 3000 }), (hashes) => {
      const filter = new KeyFilter(1000)
      for (const hash of hashes) filter.add(hash)
      expect(hashes.every((hash) => filter.mayHave(hash))).toBe(true)
    }),
    { numRuns: 50 },
  )
})

test('a full filter takes fewer than two of a hundred new keys for known ones', () => {
  const keys = 100_000
  const filter = new KeyFilter(keys)
  for (let index = 0; index < keys; index++) filter.add(keyHash(`call ${index}`))
  expect(filter.isFull).toBe(false)
  let falsePositives = 0
  for (let index = 0; index < keys; index++) if (filter.mayHave(keyHash(`other ${index}`))) falsePositives++
  expect(falsePositives / keys).toBeLessThan(0.02)
  filter.add(keyHash('one more'))
  expect(filter.isFull).toBe(true)
})
