import { totalmem } from 'node:os'
import { expect, test } from 'vitest'
import { memoryBytes } from './memory.ts'

test('the memory is that of the machine, or of the container where that has less', () => {
  expect(memoryBytes(2e9, 25e9)).toBe(2e9)
  expect(memoryBytes(50e9, 25e9)).toBe(25e9)
  expect(memoryBytes(0, 25e9)).toBe(25e9)
  expect(memoryBytes(18446744073709552000, 25e9)).toBe(25e9)
  expect(memoryBytes()).toBeLessThanOrEqual(totalmem())
})
