import type { Collection, Values } from '../../domain/collections/collection.ts'
import { evaluations, surveys } from '../../domain/collections/parts.ts'
import type { Field } from '../../domain/fields.ts'
import { isObject, isOptionalText } from '../../domain/readValue.ts'
import { endpointOf } from './endpoints.ts'
import type { StoredRecord } from '../storedRecord.ts'
import { shownMilestones } from '../callEvents.ts'

/** The columns of a row beside the record's own fields, in their order. */
const systemColumns = ['meta', 'seq', 'created_at', 'updated_at', 'removed', 'batch'] as const

/** Whether a call can have several parts of this collection, which keep the order in which they were first sent. */
function keepsOrder({ isPart, key }: Collection): boolean {
  return isPart && key === 'id'
}

function orderColumns(collection: Collection): string[] {
  return keepsOrder(collection) ? ['first_seq'] : []
}

/** What a merge needs beside the values; absent entries are empty. */
interface Meta {
  /** Fields whose value is derived. */
  d?: string[]
  /** Fields that were sent as empty lists, because a column cannot distinguish them from absent ones. */
  e?: string[]
  /** The revision at which a field was last set or cleared. */
  r?: Record<string, number>
  /** Milestones that a call has reached, if they differ from those that its values show. */
  m?: number
}

/** The parts that are copied to a call's row: their fields and column prefix. */
const copies = [
  { from: evaluations, prefix: 'evaluation', of: (call: StoredRecord) => call.evaluation },
  { from: surveys, prefix: 'survey', of: (call: StoredRecord) => call.survey },
].map((copy) => ({ ...copy, fields: copy.from.fields.filter((field) => field.name !== 'callId') }))

/** The columns of a block of rows, and how a record becomes one of its lines of JSONCompactEachRow. */
export interface RowShape {
  columns: readonly string[]
  encode(record: StoredRecord, accountId: number, batch: number): string
}

/** Rows from which on a block leaves out the columns that none of them fills; smaller blocks are joined, so they agree. */
const minRowsOfOwnShape = 1000

/** The shape for a block of these records of one collection. The engine makes columns empty that are left out. */
export function shapeFor(collection: Collection, records: readonly StoredRecord[]): RowShape {
  if (records.length < minRowsOfOwnShape) return fullShape(collection)
  const own = new Set<string>()
  const copied = copies.map(() => new Set<string>())
  for (const record of records) {
    if (record.removed) continue
    for (const name in record.values) own.add(name)
    for (const name in record.derived) own.add(name)
    if (collection.name !== 'calls') continue
    for (const [index, copy] of copies.entries()) for (const name in copy.of(record)) copied[index]?.add(name)
  }
  const isUsed = ({ name }: Field): boolean => own.has(name) || name === 'id' || name === 'callId'
  const usedCopies = copies.map((copy, index) => ({
    ...copy,
    fields: copy.fields.filter(({ name }) => copied[index]?.has(name)),
  }))
  return shapeOf(collection, collection.fields.filter(isUsed), usedCopies)
}

/** The shape with every column of the collection's table. */
export function fullShape(collection: Collection): RowShape {
  const known = fullShapes.get(collection)
  if (known) return known
  const shape = shapeOf(collection, collection.fields, copies)
  fullShapes.set(collection, shape)
  return shape
}

const fullShapes = new Map<Collection, RowShape>()

function shapeOf(collection: Collection, fields: readonly Field[], copied: typeof copies): RowShape {
  const isCall = collection.name === 'calls'
  const columnsOfCopies = copied.flatMap((copy) => [
    ...copy.fields.map((field) => `${copy.prefix}_${field.column}`),
    `has_${copy.prefix}`,
  ])
  return {
    columns: [
      'account_id',
      ...(isCall ? ['number'] : []),
      ...fields.map((field) => field.column),
      ...(isCall ? columnsOfCopies : []),
      ...orderColumns(collection),
      ...systemColumns,
    ],
    encode(record, accountId, batch) {
      const cells: unknown[] = isCall ? [accountId, record.number] : [accountId]
      const values = record.removed ? idsOf(record) : record.values
      const derived = record.removed ? {} : record.derived
      for (const field of fields) cells.push(encodeValue(field, values[field.name] ?? derived[field.name]))
      if (isCall) {
        for (const copy of copied) {
          const source = record.removed ? undefined : copy.of(record)
          for (const field of copy.fields) cells.push(encodeValue(field, source?.[field.name]))
          cells.push(source !== undefined)
        }
      }
      if (keepsOrder(collection)) cells.push(record.firstSeq)
      cells.push(encodeMeta(record), record.seq, record.createdAt, record.updatedAt, record.removed, batch)
      return JSON.stringify(cells)
    },
  }
}

function idsOf(record: StoredRecord): Values {
  if (record.collection.key === 'callId') return { callId: record.callId }
  return record.collection.isPart ? { id: record.key, callId: record.callId } : { id: record.key }
}

/** Times are sent in milliseconds, the unit of their columns. */
function encodeValue(field: Field, value: unknown): unknown {
  switch (field.type.kind) {
    case 'strings':
    case 'integers':
    case 'objects':
      return value ?? []
    case 'attributes':
      return value === undefined ? null : JSON.stringify(value)
    default:
      return value ?? null
  }
}

function encodeMeta(record: StoredRecord): string {
  if (record.removed) return ''
  const meta: Meta = {}
  const derived = Object.keys(record.derived)
  if (derived.length > 0) meta.d = derived
  const empty = Object.keys(record.values).filter((name) => isEmptyList(record.values[name]))
  if (empty.length > 0) meta.e = empty
  if (Object.keys(record.revisions).length > 0) meta.r = record.revisions
  if (record.collection.name === 'calls' && record.reached !== shownMilestones(record)) meta.m = record.reached
  return Object.keys(meta).length === 0 ? '' : JSON.stringify(meta)
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0
}

/** The SELECT list for `decodeRow`. */
export function selectList(collection: Collection): string {
  const own = collection.fields.map((field) =>
    field.type.kind === 'time' ? `toUnixTimestamp64Milli(${field.column}) AS ${field.column}_ms` : field.column,
  )
  const number = collection.name === 'calls' ? ['number'] : []
  return [
    ...number,
    ...own,
    ...(collection.name === 'calls' ? copyTuples() : []),
    ...orderColumns(collection),
    'meta',
    'seq',
    'toUnixTimestamp64Milli(created_at) AS created_at_ms',
    'toUnixTimestamp64Milli(updated_at) AS updated_at_ms',
    'removed',
  ].join(',\n  ')
}

function copyTuples(): string[] {
  return copies.flatMap((copy) => [
    `has_${copy.prefix}`,
    ...copy.fields.map((field) =>
      field.type.kind === 'time'
        ? `toUnixTimestamp64Milli(${copy.prefix}_${field.column}) AS ${copy.prefix}_${field.column}_ms`
        : `${copy.prefix}_${field.column}`,
    ),
  ])
}

/** Decodes a row that was selected with `selectList`. */
export function decodeRow(collection: Collection, row: Record<string, unknown>): StoredRecord {
  const removed = Number(row['removed'])
  const meta: Meta = typeof row['meta'] === 'string' && row['meta'] !== '' ? JSON.parse(row['meta']) : {}
  const values = removed ? {} : decodeFields(collection.fields, row, '')
  for (const name of meta.e ?? []) values[name] = []
  const derived: Values = {}
  for (const name of meta.d ?? []) {
    derived[name] = values[name]
    delete values[name]
  }
  const [evaluation, survey] =
    collection.name === 'calls' && !removed ? copies.map((copy) => decodeCopy(copy, row)) : []
  return {
    collection,
    key: String(row[collection.key === 'id' ? 'id' : 'call_id']),
    callId: collection.isPart ? String(row['call_id']) : collection.name === 'calls' ? String(row['id']) : undefined,
    values,
    derived,
    revisions: meta.r ?? {},
    number: Number(row['number'] ?? 0),
    seq: Number(row['seq']),
    firstSeq: Number(row['first_seq'] ?? 0),
    createdAt: Number(row['created_at_ms']),
    updatedAt: Number(row['updated_at_ms']),
    removed,
    evaluation,
    survey,
    reached: collection.name === 'calls' ? (meta.m ?? shownMilestones({ values, derived })) : 0,
    knownEndpoint: collection.name === 'calls' ? endpointOf({ values, removed }) : undefined,
    isEarly: false,
    // The key of a call also records that the call was deleted.
    hasKey: collection.isPart,
    rowBytes: 0,
  }
}

function decodeCopy(copy: (typeof copies)[number], row: Record<string, unknown>): Values | undefined {
  return row[`has_${copy.prefix}`] ? decodeFields(copy.fields, row, `${copy.prefix}_`) : undefined
}

function decodeFields(fields: readonly Field[], row: Record<string, unknown>, prefix: string): Values {
  const values: Values = {}
  for (const field of fields) {
    const kind = field.type.kind
    const cell = row[`${prefix}${field.column}${kind === 'time' ? '_ms' : ''}`]
    if (cell === null || cell === undefined || isEmptyList(cell)) continue
    // Former versions could store an empty text; it means the same as no value.
    if (cell === '' && isOptionalText(field.type, field)) continue
    values[field.name] = kind === 'attributes' ? decodeAttributes(cell) : cell
  }
  return values
}

function decodeAttributes(cell: unknown): unknown {
  const parsed: unknown = JSON.parse(String(cell))
  return isObject(parsed) ? parsed : {}
}
