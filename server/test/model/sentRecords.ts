import * as fc from 'fast-check'
import { collectionNamed } from '../../src/domain/collections/all.ts'
import { integer, seconds, type FieldType } from '../../src/domain/fields.ts'
import type { ModelWrite } from './recordsModel.ts'

/** One request to the ingestion surface, or several at once from senders that share no record. */
export type Step =
  | { kind: 'send'; collection: string; writes: ModelWrite[]; skips: boolean; isDryRun: boolean; isRepeated: boolean }
  | { kind: 'replaceTurns'; callId: string; writes: ModelWrite[] }
  | { kind: 'remove'; collection: string; key: string }

const base = Date.UTC(2026, 4, 3, 14, 5, 7, 123)
const hourMs = 60 * 60 * 1000
const text = fc.oneof(
  fc.constantFrom(
    '',
    'x',
    'Hola 👋',
    'a\nb\r\n\t',
    '\\N',
    'null',
    "'); DROP TABLE calls; --",
    '\u0001\u2028',
    '{}',
    '[]',
  ),
  fc.string({ unit: 'grapheme', maxLength: 12 }),
)

function value(type: FieldType): fc.Arbitrary<unknown> {
  switch (type.kind) {
    case 'id':
      return fc.constantFrom('x1', 'x2', 'x:3@a.b+c-d')
    case 'string':
      return text
    case 'oneOf':
      return fc.constantFrom(...type.values)
    case 'number':
      return numberIn(type)
    case 'boolean':
      return fc.boolean()
    case 'time':
      return fc
        .tuple(fc.integer({ min: -30, max: 30 }), fc.constantFrom(0, 1, 999), fc.constantFrom('Z', '+02:00', '-03:30'))
        .map(([hours, ms, offset]) => `${new Date(base + hours * hourMs + ms).toISOString().slice(0, -1)}${offset}`)
    case 'strings':
      return fc.array(text, { maxLength: 3 })
    case 'integers':
      return fc.array(numberIn(integer), { maxLength: 3 })
    case 'objects': {
      const entries = Object.entries(type.entries)
      const requiredKeys = entries.filter(([, entry]) => entry.required).map(([name]) => name)
      const model = Object.fromEntries(
        entries.map(([name, entry]) => [name, entry.required ? value(entry) : fc.option(value(entry))]),
      )
      return fc.array(fc.record(model, { requiredKeys }), { maxLength: 3 })
    }
    default:
      return fc
        .array(
          fc.tuple(
            fc.constantFrom('a', 'b', '__proto__', 'constructor'),
            fc.option(fc.oneof(text, fc.double({ noNaN: true, min: integer.min, max: integer.max }))),
          ),
          { maxLength: 3 },
        )
        .map((pairs): unknown =>
          JSON.parse(`{${pairs.map(([name, own]) => `"${name}":${JSON.stringify(own)}`).join(',')}}`),
        )
  }
}

function numberIn(type: Extract<FieldType, { kind: 'number' }>): fc.Arbitrary<number> {
  const { min, max, integer = false } = type
  if (!integer) {
    // Sums such as 0.1 + 0.2 need every digit; no negative zero, which JSON writes as zero.
    const any = fc.double({ min, max, noNaN: true }).map((number) => number + 0)
    return fc.oneof(any, fc.constantFrom(min + 0.1 + 0.2, min, Math.min(max, min + 1 / 3)))
  }
  return fc.oneof(fc.integer({ min: Math.max(min, -5), max: 5 }), fc.constantFrom(max, min))
}

/** Few, so that records meet. */
const callKeys = ['c1', 'c2', 'c3', 'c4']
const partKeys = ['p1', 'p2', 'p3', 'p4', 'p5']

const hour = (min: number, max: number) =>
  fc.integer({ min, max }).map((hours) => new Date(base + hours * hourMs).toISOString())
const endpoints = {
  externalEndpoint: fc.option(fc.constantFrom('+1', '+2'), { freq: 9 }),
  internalEndpoint: fc.option(fc.constantFrom('+8', '+9')),
}
const durationSeconds = fc.constantFrom(0, 1, 60, 0.1 + 0.2, 3599.9995, 0, 1, 60, seconds.max)

/** Calls whose endpoints and times often meet, so that they repeat each other; mostly possible ones. */
const callTimes: fc.Arbitrary<Record<string, unknown>> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ startedAt: hour(-30, 30), durationSeconds, ...endpoints }) },
  { weight: 2, arbitrary: fc.record({ ...endpoints, startedAt: hour(-30, 30) }, { requiredKeys: [] }) },
  {
    weight: 3,
    arbitrary: fc.record(
      {
        startedAt: hour(-30, 30),
        endedAt: fc.option(hour(-20, 60)),
        durationSeconds: fc.option(durationSeconds),
        ...endpoints,
      },
      { requiredKeys: [] },
    ),
  },
)

function isEndpoint(name: string): boolean {
  return name.endsWith('Endpoint')
}

/** A record of the collection with some of its fields; mostly whole, sometimes wrong. */
export function writeOf(collection: string, prefix = '', isWhole = false): fc.Arbitrary<ModelWrite> {
  const definition = collectionNamed(collection)
  if (!definition) throw new Error(`There is no collection ${collection}.`)
  const others = definition.fields.filter((field) => !field.assigned && !['id', 'callId'].includes(field.name))
  const needed = others.filter((field) => field.required)
  const free = others.filter((field) => !field.required && !isEndpoint(field.name))
  const some = fc
    .subarray(free, { maxLength: Math.min(6, free.length) })
    .chain((chosen) =>
      fc.record(Object.fromEntries(chosen.map((field) => [field.name, fc.option(value(field.type), { freq: 4 })]))),
    )
  const required = fc.record(Object.fromEntries(needed.map((field) => [field.name, value(field.type)])), {
    requiredKeys: isWhole ? needed.map((field) => field.name) : [],
  })
  const allRequired = fc.record(Object.fromEntries(needed.map((field) => [field.name, value(field.type)])))
  const key = collection === 'calls' ? fc.constantFrom(...callKeys) : fc.constantFrom(...partKeys)
  const call = fc.constantFrom(...callKeys)
  const keys = fc.tuple(key, call).map(([id, callId]) => ({
    ...(definition.key === 'id' ? { id: `${prefix}${id}` } : {}),
    ...(definition.isPart ? { callId: `${prefix}${callId}` } : {}),
  }))
  const fault = fc.constantFrom<Record<string, unknown>>({ typo: 1 }, { revision: 'x' }, { id: 'a b' }, { callId: 7 })
  return fc
    .record({
      keys,
      required: isWhole
        ? allRequired
        : fc.oneof({ weight: 4, arbitrary: allRequired }, { weight: 1, arbitrary: required }),
      some,
      times: collection === 'calls' ? callTimes : fc.constant({}),
      revision: fc.option(fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constantFrom('1970-01-01T00:00:00.005Z')), {
        freq: 2,
        nil: undefined,
      }),
      fault: isWhole ? fc.constant(undefined) : fc.option(fault, { freq: 30, nil: undefined }),
    })
    .map(({ keys, required, some, times, revision, fault }) => ({
      record: { ...required, ...some, ...times, ...(revision === undefined ? {} : { revision }), ...keys, ...fault },
      isWrong: fault !== undefined,
    }))
}

const names = [
  'calls',
  'calls',
  'calls',
  'turns',
  'engagements',
  'evaluations',
  'evaluations',
  'surveys',
  'surveys',
  'reviews',
  'campaigns',
  'call-centers',
  'queues',
  'agents',
  'customers',
]

function sendStep(prefix = ''): fc.Arbitrary<Step> {
  return fc.constantFrom(...names).chain((collection) =>
    fc.record({
      kind: fc.constant('send' as const),
      collection: fc.constant(collection),
      writes: fc.array(writeOf(collection, prefix), { minLength: 1, maxLength: 6 }),
      skips: fc.boolean(),
      isDryRun: fc.nat(9).map((number) => number === 0),
      isRepeated: fc.boolean(),
    }),
  )
}

function withoutRevision({ record, isWrong }: ModelWrite, callId: string): ModelWrite {
  const { revision, ...rest } = record
  return { record: { ...rest, callId }, isWrong: isWrong && !(record['callId'] === 7 || revision === 'x') }
}

export function step(prefix = ''): fc.Arbitrary<Step> {
  const call = fc.constantFrom(...callKeys).map((key) => `${prefix}${key}`)
  const replacement = fc
    .record({
      kind: fc.constant('replaceTurns' as const),
      callId: call,
      writes: fc.array(writeOf('turns', prefix), { maxLength: 4 }),
    })
    .map((entry): Step => ({ ...entry, writes: entry.writes.map((write) => withoutRevision(write, entry.callId)) }))
  const removal = fc.constantFrom(...names).chain((collection) =>
    fc.record({
      kind: fc.constant('remove' as const),
      collection: fc.constant(collection),
      key: ['calls', 'evaluations', 'surveys'].includes(collection)
        ? call
        : fc.constantFrom(...partKeys).map((key) => `${prefix}${key}`),
    }),
  )
  return fc.oneof(
    { weight: 12, arbitrary: sendStep(prefix) },
    { weight: 2, arbitrary: replacement },
    { weight: 2, arbitrary: removal },
  )
}

/** A call of another sender would be a repetition of this one or not, as it comes; without endpoints it is none. */
export function withoutEndpoints(taken: Step): Step {
  if (taken.kind !== 'send' || taken.collection !== 'calls') return taken
  const writes = taken.writes.map(({ record, isWrong }) => {
    const rest = Object.entries(record).filter(([name]) => !isEndpoint(name))
    return { record: Object.fromEntries(rest), isWrong }
  })
  return { ...taken, writes }
}
