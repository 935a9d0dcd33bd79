import type { Collection } from '../../domain/collections/collection.ts'
import { integer, type FieldType } from '../../domain/fields.ts'
import { changeColumns } from '../changes/changeColumns.ts'

/** What a value is: its type, and what bounds it. */
interface TypeSchema {
  type: 'id' | 'string' | 'number' | 'integer' | 'boolean' | 'time' | 'string[]' | 'integer[]' | 'object[]' | 'object'
  /** The only values there are. */
  values?: readonly string[]
  minimum?: number
  maximum?: number
  /** Of a string: most characters up to 256, most bytes of UTF-8 above. */
  maxLength?: number
  /** Of `object[]`: what each object holds. */
  entries?: (TypeSchema & { name: string; required: boolean })[]
}

/** A field as the API describes it. */
interface FieldSchema extends TypeSchema {
  name: string
  description: string
  /** Required when a record is first written. */
  required: boolean
  /** Set only by the server; clients cannot write it. */
  assigned: boolean
  unit?: string
}

/** A collection of records, as in `/v1/ingest`, `/v1/records` and `/v1/changes`. */
export interface CollectionSchema {
  name: string
  description: string
  /** `part`: lives with the call that its `callId` names. */
  kind: 'call' | 'part' | 'reference'
  key: string
  fields: FieldSchema[]
}

const descriptions: Record<string, string> = {
  campaigns: 'A campaign that calls belong to.',
  'call-centers': 'A call centre.',
  agents: 'An agent, human or bot.',
  queues: 'A queue that calls wait in.',
  customers: 'A customer.',
  calls: 'One conversation between a customer and the contact centre.',
  engagements: "One agent's or bot's part of a call.",
  turns: 'One utterance or act of a call.',
  evaluations: "The AI's evaluation of a call; one current a call.",
  surveys: 'The post-call survey; one current a call.',
  reviews: 'One answered question of a quality review.',
}

export function collectionSchema(collection: Collection): CollectionSchema {
  const fields = changeColumns(collection).map(({ name, description, required, assigned, type }): FieldSchema => {
    const unit = unitOf(name, type)
    return { name, ...typeSchema(type), description, required, assigned, ...(unit === undefined ? {} : { unit }) }
  })
  return {
    name: collection.name,
    description: descriptions[collection.name] ?? '',
    kind: collection.isPart ? 'part' : collection.name === 'calls' ? 'call' : 'reference',
    key: collection.key,
    fields,
  }
}

function typeSchema(type: FieldType): TypeSchema {
  switch (type.kind) {
    case 'id':
    case 'boolean':
    case 'time':
      return { type: type.kind }
    case 'string':
      return { type: 'string', maxLength: type.maxLength }
    case 'oneOf':
      return { type: 'string', values: type.values }
    case 'number':
      return {
        type: type.integer ? 'integer' : 'number',
        minimum: type.min,
        maximum: type.max,
      }
    case 'strings':
      return { type: 'string[]' }
    case 'integers':
      return { type: 'integer[]', minimum: integer.min, maximum: integer.max }
    case 'objects':
      return { type: 'object[]', entries: Object.entries(type.entries).map(entrySchema) }
    case 'attributes':
      // Of the numbers among its values.
      return { type: 'object', minimum: integer.min, maximum: integer.max }
  }
}

function entrySchema([name, entry]: [string, FieldType & { required?: boolean }]) {
  return { name, ...typeSchema(entry), required: entry.required ?? false }
}

/** Names say the unit; the times of an engagement are milliseconds. */
function unitOf(name: string, type: FieldType): string | undefined {
  if (type.kind !== 'number') return undefined
  if (name.endsWith('Seconds')) return 'seconds'
  if (name.endsWith('Ms') || name.endsWith('Time')) return 'milliseconds'
  return name.endsWith('Bytes') ? 'bytes' : undefined
}
