import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseInstant } from './instant.ts'

const form = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)$/

/** What the engine's own reader makes of it, where the text has the form. */
function expected(text: string): number | undefined {
  if (!form.test(text)) return undefined
  const [, day = '', clock = '', fraction = '', offset = ''] = /^(.{10}).(.{8})(?:\.(\d+))?(.+)$/.exec(text) ?? []
  const instant = Date.parse(`${day}T${clock}.${fraction.padEnd(3, '0').slice(0, 3)}${offset.toUpperCase()}`)
  // The engine lets a day run over into the next month, and an hour be 24.
  const local = Date.parse(`${day}T00:00:00Z`)
  const exists = !Number.isNaN(local) && new Date(local).toISOString().slice(0, 10) === day && !clock.startsWith('24')
  return exists && !Number.isNaN(instant) ? instant : undefined
}

test('times are those of the engine wherever the form is right, and nothing else is one', () => {
  const two = fc.integer({ min: 0, max: 65 }).map((number) => String(number).padStart(2, '0'))
  const pieces = fc.tuple(
    fc.integer({ min: 0, max: 9999 }).map((year) => String(year).padStart(4, '0')),
    fc.constantFrom('-', '-', '-', '/'),
    fc.oneof(two, fc.constantFrom('01', '02', '02', '12')),
    fc.constant('-'),
    fc.oneof(two, fc.constantFrom('28', '29', '30', '31')),
    fc.constantFrom('T', 't', ' ', 'x'),
    fc.oneof(two, fc.constantFrom('00', '23')),
    fc.constantFrom(':', ':', ':', '.'),
    two,
    fc.constant(':'),
    two,
    fc.constantFrom('', '.', '.1', '.12', '.123', '.123456789', '.1234567891', '.1x'),
    fc.constantFrom('Z', 'z', '+01:30', '-23:59', '+24:00', '-01:60', '+0130', '', 'Z ', '+01:3', '+01:300'),
  )
  fc.assert(
    fc.property(pieces, (texts) => {
      const text = texts.join('')
      expect(parseInstant(text), text).toBe(expected(text))
    }),
    { numRuns: 20_000 },
  )
})
