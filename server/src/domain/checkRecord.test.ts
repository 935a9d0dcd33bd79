import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { checkRecord, type FieldFault, type Write } from './checkRecord.ts'
import { collectionNamed, collections } from './collections/all.ts'
import type { Collection } from './collections/collection.ts'
import { parseInstant } from './instant.ts'

function named(name: string): Collection {
  const collection = collectionNamed(name)
  if (!collection) throw new Error(`no collection ${name}`)
  return collection
}

const kilobyte = 1024
const calls = named('calls')

function faultsOf(collection: Collection, record: unknown): FieldFault[] {
  const checked = checkRecord(collection, record)
  return Array.isArray(checked) ? checked : []
}

function writeOf(collection: Collection, record: unknown): Write {
  const checked = checkRecord(collection, record)
  if (Array.isArray(checked)) throw new Error(JSON.stringify(checked))
  return checked
}

function takes(name: string, value: unknown): boolean {
  return faultsOf(calls, { id: 'c1', [name]: value }).length === 0
}

describe('whatever is sent', () => {
  const fieldNames = [...new Set(collections.flatMap((collection) => collection.fields.map((field) => field.name)))]
  const nastyNames = [
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    'length',
    '',
    'revision',
    '\ud800',
    '😀',
  ]
  const json = fc.jsonValue({ maxDepth: 3 })
  const name = fc.oneof(fc.constantFrom(...fieldNames), fc.constantFrom(...nastyNames), fc.string())
  // From text, as it comes over the wire: __proto__ is then a property like any other.
  const record = fc
    .array(fc.tuple(name, fc.oneof(json, fc.constantFrom('c1', 1, true, null, [], {}))), { maxLength: 8 })
    .map((pairs): unknown =>
      JSON.parse(`{${pairs.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`),
    )

  test('is taken or refused with faults that name fields, never thrown at', () => {
    fc.assert(
      fc.property(fc.constantFrom(...collections), fc.oneof(json, record), (collection, sent) => {
        const checked = checkRecord(collection, sent)
        if (!Array.isArray(checked)) {
          const known = new Set(collection.fields.map((field) => field.name))
          expect(Object.keys(checked.set).filter((field) => !known.has(field))).toEqual([])
          return
        }
        expect(checked.length).toBeGreaterThan(0)
        for (const fault of checked) {
          expect(fault.message).not.toBe('')
          expect(fault.message.length).toBeLessThan(600)
          expect(fault.field.length).toBeLessThan(66)
        }
      }),
      { numRuns: 3000 },
    )
  })

  test('a name that objects have of their own accord is no field', () => {
    for (const own of ['__proto__', 'constructor', 'toString']) {
      expect(faultsOf(calls, JSON.parse(`{"id":"c1","${own}":"x"}`)), own).toMatchObject([{ field: own }])
    }
  })

  test('attributes may have such names', () => {
    const attributes: unknown = JSON.parse('{"__proto__":"a","constructor":2}')
    const { set } = writeOf(calls, { id: 'c1', attributes })
    expect(JSON.stringify(set['attributes'])).toBe('{"__proto__":"a","constructor":2}')
  })

  test('what is not an object is no record', () => {
    for (const sent of [null, 1, 'x', true, [], [{ id: 'c1' }]]) expect(faultsOf(calls, sent)).toHaveLength(1)
  })
})

function many(count: number): Record<string, number> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`a${index}`, 1]))
}

describe('limits', () => {
  // One, two, three and four bytes a character.
  test.each(['a', 'ñ', '→', '😀'])('64 KiB of bytes a text: %s', (character) => {
    const max = (64 * kilobyte) / Buffer.byteLength(character)
    const fitting = character.repeat(Math.floor(max)) + 'a'.repeat((64 * kilobyte) % Buffer.byteLength(character))
    expect(Buffer.byteLength(fitting)).toBe(64 * kilobyte)
    expect(takes('notes', fitting)).toBe(true)
    expect(takes('notes', `${fitting}a`)).toBe(false)
  })

  test.each(['a', 'ñ', '😀'])('256 characters, whatever their bytes, in other strings: %s', (character) => {
    expect(takes('outcome', character.repeat(256))).toBe(true)
    expect(takes('outcome', character.repeat(257))).toBe(false)
    expect(takes('tags', [character.repeat(256)])).toBe(true)
    expect(takes('tags', [character.repeat(257)])).toBe(false)
    expect(takes('attributes', { a: character.repeat(256) })).toBe(true)
    expect(takes('attributes', { a: character.repeat(257) })).toBe(false)
  })

  test('1,000 entries a list', () => {
    expect(takes('tags', Array(1000).fill('t'))).toBe(true)
    expect(takes('tags', Array(1001).fill('t'))).toBe(false)
    expect(takes('ticketsCreated', Array(1000).fill(1))).toBe(true)
    expect(takes('ticketsCreated', Array(1001).fill(1))).toBe(false)
    expect(
      takes(
        'wordCloud',
        Array.from({ length: 1000 }, () => ({ phrase: 'p', freq: 1 })),
      ),
    ).toBe(true)
    expect(
      takes(
        'wordCloud',
        Array.from({ length: 1001 }, () => ({ phrase: 'p', freq: 1 })),
      ),
    ).toBe(false)
  })

  test('100 attributes, their names 1 to 64 characters', () => {
    expect(takes('attributes', many(100))).toBe(true)
    expect(takes('attributes', many(101))).toBe(false)
    expect(takes('attributes', { ['a'.repeat(64)]: 1 })).toBe(true)
    for (const name of ['a'.repeat(65), '', 'A', 'ñ', 'a b', 'a.b'])
      expect(takes('attributes', { [name]: 1 })).toBe(false)
  })

  test('128 characters an id', () => {
    expect(faultsOf(calls, { id: 'a'.repeat(128) })).toEqual([])
    for (const id of ['', 'a'.repeat(129), 'a/b', 'ñ', 'a b', 1]) expect(faultsOf(calls, { id })).toHaveLength(1)
  })

  test('numbers keep to their bounds and are finite', () => {
    for (const score of [-1, 0, 1, -0.5]) expect(takes('sentimentScore', score)).toBe(true)
    for (const score of [-1.01, 1.01, '1', true]) expect(takes('sentimentScore', score)).toBe(false)
    for (const count of [0, 7, 1e9]) expect(takes('incidents', count)).toBe(true)
    for (const count of [-1, 0.5, 1e9 + 1, Number.MAX_SAFE_INTEGER, 1e300])
      expect(takes('incidents', count)).toBe(false)
    expect(takes('durationSeconds', JSON.parse('1e999'))).toBe(false)
    for (const sent of [{ a: 2 ** 53 - 1 }, { a: 1 - 2 ** 53 }, { a: 5e-324 }])
      expect(takes('attributes', sent)).toBe(true)
    for (const sent of [{ a: 2 ** 53 }, { a: -1e21 }]) expect(takes('attributes', sent)).toBe(false)
  })

  test('every field with numbers has bounds, takes them, and refuses what lies beyond', () => {
    for (const collection of collections) {
      for (const { name, type, assigned } of collection.fields) {
        if (type.kind !== 'number' || assigned) continue
        const faults = (value: number) =>
          faultsOf(collection, { id: 'r1', callId: 'c1', [name]: value }).filter(({ field }) => field === name)
        const place = `${collection.name}.${name}`
        for (const bound of [type.min, type.max]) expect(faults(bound), place).toEqual([])
        for (const beyond of [1777777777777000, 1e21, 1e308, -1e308, type.max * 2 + 1, type.min - 1]) {
          if (beyond <= type.max && beyond >= type.min) continue
          expect(faults(beyond), place).toMatchObject([
            { field: name, message: expect.stringContaining(`from ${type.min} to`) },
          ])
        }
        // JSON writes each of them in plain digits, so that every reader reads it.
        expect([String(type.min), String(type.max)].join(''), place).not.toContain('e')
      }
    }
  })

  test('half a surrogate pair is no character', () => {
    expect(takes('notes', 'a\ud83d')).toBe(false)
    expect(takes('tags', ['\ude00'])).toBe(false)
    expect(takes('notes', '😀')).toBe(true)
  })

  test('no text holds a null character', () => {
    for (const [name, value] of [
      ['notes', 'a\0'],
      ['outcome', '\0'],
      ['tags', ['a', '\0']],
      ['attributes', { a: '\0' }],
      ['wordCloud', [{ phrase: '\0', freq: 1 }]],
    ] as const) {
      expect(faultsOf(calls, { id: 'c1', [name]: value }), name).toMatchObject([
        { message: expect.stringContaining('null character') },
      ])
    }
  })

  test('an empty optional text is cleared, a required one is kept', () => {
    const { set } = writeOf(calls, {
      id: 'c1',
      externalEndpoint: '',
      notes: '',
      markers: [{ time: 1, type: '', note: '' }],
    })
    expect(set).toEqual({ id: 'c1', externalEndpoint: null, notes: null, markers: [{ time: 1, type: '', note: null }] })
    expect(writeOf(named('queues'), { id: 'q1', name: '' }).set).toEqual({ id: 'q1', name: '' })
  })
})

/** Minutes as hours and minutes. */
function clock(minutes: number): string {
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`
}

describe('times', () => {
  test('any instant at any offset, in every form the standard has', () => {
    const instant = fc.integer({ min: Date.UTC(1900, 0, 2), max: Date.UTC(2299, 11, 30) })
    const offset = fc.integer({ min: -(24 * 60 - 1), max: 24 * 60 - 1 })
    const sample = fc.record({
      instant,
      offset,
      separator: fc.constantFrom('T', 't', ' '),
      zulu: fc.constantFrom('Z', 'z'),
      digits: fc.integer({ min: 0, max: 9 }),
      finer: fc.constantFrom('000000', '999999'),
    })
    fc.assert(
      fc.property(sample, ({ instant, offset, separator, zulu, digits, finer }) => {
        const local = new Date(instant + offset * 60_000).toISOString()
        const fraction = digits === 0 ? '' : `.${`${local.slice(20, 23)}${finer}`.slice(0, digits)}`
        const zone = offset === 0 ? zulu : `${offset < 0 ? '-' : '+'}${clock(Math.abs(offset))}`
        const expected =
          instant - (digits >= 3 ? 0 : ((instant % 1000) + 1000) % (digits === 0 ? 1000 : 10 ** (3 - digits)))
        expect(parseInstant(`${local.slice(0, 10)}${separator}${local.slice(11, 19)}${fraction}${zone}`)).toBe(expected)
      }),
      { numRuns: 2000 },
    )
  })

  test.each([
    ['2024-02-29T00:00:00Z', true],
    ['2023-02-29T00:00:00Z', false],
    ['2000-02-29T00:00:00Z', true],
    ['2100-02-29T00:00:00Z', false],
    ['2026-04-31T00:00:00Z', false],
    ['2026-13-01T00:00:00Z', false],
    ['2026-00-10T00:00:00Z', false],
    ['2026-01-00T00:00:00Z', false],
    ['2026-01-01T24:00:00Z', false],
    ['2026-01-01T23:60:00Z', false],
    ['2026-01-01T23:59:60Z', false],
    ['2016-12-31T23:59:60Z', true],
    ['2016-12-31T20:59:60.5-03:00', true],
    ['2016-12-31T23:59:61Z', false],
    ['2016-12-31T22:59:60Z', false],
    ['2026-01-01T23:59:59.9999999999Z', false],
    ['2026-01-01T23:59:59.Z', false],
    ['2026-01-01T23:59:59', false],
    ['2026-01-01', false],
    ['2026-01-01T23:59Z', false],
    ['2026-01-01T23:59:59+24:00', false],
    ['2026-01-01T23:59:59+00:60', false],
    ['2026-01-01T23:59:59-00:00', true],
    ['2026-01-01T23:59:59+0100', false],
    [' 2026-01-01T23:59:59Z', false],
    ['2026-01-01T23:59:59Z\n', false],
    ['٢٠٢٦-01-01T23:59:59Z', false],
    ['0000-01-01T00:00:00Z', false],
    ['0099-01-01T00:00:00Z', false],
    ['1899-12-31T23:59:59.999Z', false],
    ['1900-01-01T00:00:00Z', true],
    ['2299-12-30T23:59:59.999Z', true],
    ['2300-01-01T00:00:00Z', false],
    ['9999-12-31T23:59:59Z', false],
    ['2026-01-01t23:59:59z', true],
  ])('%s', (text, isTime) => {
    expect(takes('startedAt', text)).toBe(isTime)
  })

  test('only text is a time', () => {
    for (const value of [0, 1767312000000, true, {}, ['2026-01-01T00:00:00Z']])
      expect(takes('startedAt', value)).toBe(false)
  })
})

describe('revisions', () => {
  test('are integers or times', () => {
    expect(writeOf(calls, { id: 'c1', revision: 7 }).revision).toBe(7)
    expect(writeOf(calls, { id: 'c1', revision: -7 }).revision).toBe(-7)
    expect(writeOf(calls, { id: 'c1', revision: '2026-01-01T01:00:00+01:00' }).revision).toBe(Date.UTC(2026, 0, 1))
    expect(writeOf(calls, { id: 'c1', revision: null }).revision).toBeUndefined()
    for (const revision of [0.5, '7', true, {}, 2 ** 53]) {
      expect(faultsOf(calls, { id: 'c1', revision })).toMatchObject([{ field: 'revision' }])
    }
  })
})

test('a required field cannot be cleared, a part names its call on every write', () => {
  for (const collection of collections) {
    for (const field of collection.fields) {
      const faults = faultsOf(collection, { id: 'r1', callId: 'c1', [field.name]: null }).map((fault) => fault.field)
      const isRefused = field.required || field.assigned === true
      expect(faults.includes(field.name), `${collection.name}.${field.name}`).toBe(isRefused)
    }
    if (collection.isPart) expect(faultsOf(collection, { id: 'r1' }).map((fault) => fault.field)).toContain('callId')
  }
})
