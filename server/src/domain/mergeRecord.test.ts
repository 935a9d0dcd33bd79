import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Write } from './checkRecord.ts'
import { mergeRecord, type Merged } from './mergeRecord.ts'

// Names that objects have of their own accord must be as good as any other.
const attributeName = fc.constantFrom('plan', 'a', '__proto__', 'constructor', 'valueof', 'tostring_', 'attributes')
const fieldName = fc.constantFrom('notes', 'status', 'score', 'tags', 'resolved', 'responses')
const fieldValue = fc.oneof(
  fc.constantFrom<unknown>(null, '', 'x', 'y', 0, 1, false, true, []),
  fc.array(fc.constantFrom('p', 'q'), { maxLength: 2 }),
  fc.array(fc.record({ question: fc.constantFrom('q1', 'q2'), score: fc.constantFrom(null, 1) }), { maxLength: 2 }),
)
const attributes = fc.oneof(
  { weight: 1, arbitrary: fc.constant(null) },
  {
    weight: 4,
    arbitrary: fc
      .array(fc.tuple(attributeName, fc.constantFrom<unknown>(null, 'x', 1, 2)), { maxLength: 4 })
      // As a parser makes it: every name is a property of the object's own.
      .map((pairs): unknown =>
        JSON.parse(`{${pairs.map((pair) => pair.map((part) => JSON.stringify(part)).join(':')).join(',')}}`),
      ),
  },
)
const set: fc.Arbitrary<Record<string, unknown>> = fc
  .tuple(fc.dictionary(fieldName, fieldValue, { maxKeys: 4 }), fc.option(attributes, { nil: undefined }))
  .map(([fields, sent]) => (sent === undefined ? { ...fields } : { ...fields, attributes: sent }))

/** Writes with revisions that differ, lowest first. */
const revised = fc
  .array(set, { minLength: 1, maxLength: 6 })
  .map((sets) => sets.map((entry, index): Write => ({ key: 'r1', set: entry, revision: index * 10 - 20 })))
const shuffled = revised.chain((writes) =>
  fc.record({
    writes: fc.constant(writes),
    // Every write at least once, some several times, in any order.
    order: fc.array(fc.nat(writes.length - 1), { maxLength: 6 }).chain((again) => {
      const all = [...writes.keys(), ...again]
      return fc.shuffledSubarray(all, { minLength: all.length, maxLength: all.length })
    }),
  }),
)

function mergeAll(writes: Write[]): Merged {
  let merged: Merged = { values: {}, revisions: {} }
  for (const write of writes) merged = mergeRecord(merged, write)
  return merged
}

function byName([left]: [string, unknown], [right]: [string, unknown]): number {
  return left < right ? -1 : 1
}

/** Values as JSON with sorted names; the order in which names came says nothing. */
function plain(values: Record<string, unknown>): unknown {
  const sent = values['attributes']
  const pairs = sent === undefined ? undefined : Object.entries(Object(sent)).sort(byName)
  return { ...values, attributes: pairs }
}

/** What the contract says of writes that all have revisions: of each field, the highest that names it. */
function highestOfEach(writes: Write[]): unknown {
  const values: Record<string, unknown> = {}
  let pairs = new Map<string, unknown>()
  for (const write of [...writes].sort((left, right) => Number(left.revision) - Number(right.revision))) {
    for (const [name, value] of Object.entries(write.set)) {
      if (name !== 'attributes') values[name] = value
      else if (value === null) pairs = new Map()
      else for (const [own, entry] of Object.entries(Object(value))) pairs.set(own, entry)
    }
  }
  const kept = [...pairs].filter(([, entry]) => entry !== null).sort(byName)
  const rest = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null))
  return { ...rest, attributes: kept.length > 0 ? kept : undefined }
}

describe('writes with revisions', () => {
  test('give the same record in any order and repeated at will: of each field the highest revision', () => {
    fc.assert(
      fc.property(shuffled, ({ writes, order }) => {
        const mixed = order.flatMap((index) => writes[index] ?? [])
        expect(plain(mergeAll(mixed).values)).toEqual(highestOfEach(writes))
      }),
      { numRuns: 2000 },
    )
  })

  test('a repetition changes nothing and stores nothing', () => {
    fc.assert(
      fc.property(shuffled, ({ writes, order }) => {
        const merged = mergeAll(order.flatMap((index) => writes[index] ?? []))
        for (const write of writes) {
          expect(mergeRecord(merged, write)).toMatchObject({ ...merged, changed: false, stored: false })
        }
      }),
      { numRuns: 500 },
    )
  })

  test('a higher revision protects even where it changed no value', () => {
    let merged: Merged = mergeRecord(undefined, { key: 'r1', set: { notes: 'a', attributes: { p: 1 } }, revision: 1 })
    const same = mergeRecord(merged, { key: 'r1', set: { notes: 'a', tags: null, attributes: { p: 1 } }, revision: 9 })
    expect(same).toMatchObject({ changed: false, stored: true })
    merged = mergeRecord(same, { key: 'r1', set: { notes: 'b', tags: ['t'], attributes: { p: 2, q: 3 } }, revision: 5 })
    expect(plain(merged.values)).toEqual({
      notes: 'a',
      attributes: [
        ['p', 1],
        ['q', 3],
      ],
    })
  })

  test('a cleared map of attributes stays clear for older news and opens for newer', () => {
    const cleared = mergeAll([{ key: 'r1', set: { attributes: null }, revision: 5 }])
    const older = mergeRecord(cleared, { key: 'r1', set: { attributes: { a: 1 } }, revision: 4 })
    expect(older).toMatchObject({ changed: false, stored: false })
    const newer = mergeRecord(older, { key: 'r1', set: { attributes: { a: 1 } }, revision: 6 })
    expect(plain(newer.values)).toEqual({ attributes: [['a', 1]] })
  })
})

describe('writes without a revision', () => {
  const plainWrites = fc
    .array(set, { minLength: 1, maxLength: 8 })
    .map((sets) => sets.map((entry): Write => ({ key: 'r1', set: entry, revision: undefined })))

  test('apply in the order in which they arrive', () => {
    fc.assert(
      fc.property(plainWrites, (writes) => {
        const inOrder = writes.map((write, revision) => ({ ...write, revision }))
        expect(plain(mergeAll(writes).values)).toEqual(highestOfEach(inOrder))
      }),
      { numRuns: 1000 },
    )
  })

  test('the last one repeated changes nothing', () => {
    fc.assert(
      fc.property(plainWrites, (writes) => {
        const merged = mergeAll(writes)
        for (const last of writes.slice(-1)) {
          expect(mergeRecord(merged, last)).toMatchObject({ changed: false, stored: false })
        }
      }),
      { numRuns: 500 },
    )
  })

  test('a null clears, and says nothing where nothing was', () => {
    const merged = mergeAll([{ key: 'r1', set: { notes: 'a', tags: [] }, revision: undefined }])
    const cleared = mergeRecord(merged, { key: 'r1', set: { notes: null }, revision: undefined })
    expect(cleared).toMatchObject({ values: { tags: [] }, changed: true })
    expect(mergeRecord(cleared, { key: 'r1', set: { notes: null }, revision: undefined }).stored).toBe(false)
  })
})

test('merging leaves what it was given as it was', () => {
  fc.assert(
    fc.property(revised, set, fc.option(fc.integer(), { nil: undefined }), (writes, last, revision) => {
      const merged = mergeAll(writes)
      const before = structuredClone({ values: plain(merged.values), revisions: merged.revisions })
      mergeRecord(merged, { key: 'r1', set: last, revision })
      expect({ values: plain(merged.values), revisions: merged.revisions }).toEqual(before)
    }),
    { numRuns: 500 },
  )
})
