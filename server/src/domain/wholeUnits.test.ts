import * as fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openTestClickHouse } from '../../test/exportSelection.ts'
import { inWholeUnits, millisecondsOf, wholeSecondsOf, wholeUnitsExpression } from './wholeUnits.ts'

let engine: Awaited<ReturnType<typeof openTestClickHouse>>

beforeAll(async () => {
  engine = await openTestClickHouse()
})
afterAll(() => engine.close())

/** From the digits that a number is written with, without any arithmetic of binary numbers. */
function wholeUnitsOfDigits(value: number, decimals: number): number {
  const [digits = '', exponent = '0'] = value.toExponential().split('e')
  const [whole = '', fraction = ''] = digits.replace('-', '').split('.')
  const places = fraction.length - Number(exponent)
  // In units of 10 ** -shift, where the value and half a unit are whole.
  const shift = BigInt(Math.max(places, decimals + 1))
  const scaled = BigInt(whole + fraction) * 10n ** (shift - BigInt(places)) * (value < 0 ? -1n : 1n)
  const unit = 10n ** (shift - BigInt(decimals))
  const twice = 2n * scaled + unit
  const floor = twice / (2n * unit) - (twice % (2n * unit) < 0n ? 1n : 0n)
  return Number(floor)
}

const nearBounds = fc
  .record({
    whole: fc.integer({ min: 0, max: 1e11 }),
    fraction: fc.integer({ min: 0, max: 1e6 }),
    ulps: fc.integer({ min: -3, max: 3 }),
  })
  .map(({ whole, fraction, ulps }) => {
    const value = Number(`${whole}.${String(fraction).padStart(6, '0')}5`)
    return value + ulps * value * 2 ** -52
  })
const durations = fc.oneof(nearBounds, fc.double({ min: 0, max: 1e11, noNaN: true }), fc.constantFrom(0, 1e-7, 5e-324))

test('a number is rounded by the digits that it was written with', () => {
  expect([12.345499992370605, 1.0005, 1.001, 0.0005, 12.3445, 0.4994999].map(millisecondsOf)).toEqual([
    12345, 1001, 1001, 1, 12345, 499,
  ])
  expect([0.4994, 0.4996, 0.5, 59.5, 12.4995].map(wholeSecondsOf)).toEqual([0, 1, 1, 60, 13])
  fc.assert(
    fc.property(durations, (value) => {
      expect(inWholeUnits(value, 1000)).toBe(wholeUnitsOfDigits(value, 3))
    }),
    { numRuns: 5000 },
  )
  // Above 2 ** 28 neighbouring binary numbers are further apart than half a millionth can tell.
  fc.assert(
    fc.property(fc.double({ min: -1e8, max: 1e8, noNaN: true }), (value) => {
      expect(inWholeUnits(value, 1_000_000) + 0).toBe(wholeUnitsOfDigits(value, 6))
    }),
    { numRuns: 5000 },
  )
})

test('the engine rounds as the program does', async () => {
  const values = fc.sample(durations, { numRuns: 3000, seed: 5 })
  const rows = await engine.clickhouse.rows<{ whole: number }>(
    `SELECT ${wholeUnitsExpression('value', 1000)} AS whole
     FROM (SELECT arrayJoin({values:Array(Float64)}) AS value)`,
    { values },
  )
  expect(rows.map(({ whole }) => whole)).toEqual(values.map((value) => inWholeUnits(value, 1000)))
})
