import { z } from 'zod'
import { calls as collection } from '../../../domain/collections/calls.ts'
import { evaluations, surveys } from '../../../domain/collections/parts.ts'
import type { Field } from '../../../domain/fields.ts'
import type { ColumnType } from '../formats/columns.ts'
import {
  manyRowsSettings,
  wantedOf,
  type Bounds,
  type ColumnDescription,
  type Dataset,
  type Statement,
} from './dataset.ts'
import { callFilters, filterBy } from './callFilters.ts'
import { machineFormats } from './machineDataset.ts'
import { inWindow, windowParameters, windowValues } from './window.ts'

/** What an export of this dataset is asked with: instants `[from, to)` for the end of a call, and filters. */
const callsParameters = windowParameters.extend(callFilters.shape)

type CallsParameters = z.output<typeof callsParameters>

/** A column of the file and the column of the table that it shows. */
type CallColumn = ColumnDescription & { stored: string }

const columns: CallColumn[] = [
  { name: 'number', type: 'integer', description: 'Its number in the account.', stored: 'number' },
  ...collection.fields.map((field) => columnOf(field, '')),
  ...[evaluations, surveys].flatMap(({ name, fields }) =>
    fields.filter((field) => field.name !== 'callId').map((field) => columnOf(field, name.slice(0, -1))),
  ),
  { name: 'createdAt', type: 'instant', description: 'When it was first taken.', stored: 'created_at' },
  { name: 'updatedAt', type: 'instant', description: 'When it last changed.', stored: 'updated_at' },
]

/** Ended calls of a period with every field of the record, its evaluation and its survey. */
export const calls: Dataset = {
  name: 'calls',
  description: 'Ended calls of a period with every field of the record, its evaluation and its survey, one row a call.',
  columns: columns.map(({ name, type, description }) => ({ name, type, description })),
  rowLimit: undefined,
  formats: machineFormats,
  plan(given) {
    const parameters = callsParameters.parse(given)
    return {
      fileName: 'calls',
      tables: ['calls'],
      select: (bounds) => selectCalls(bounds, parameters),
      columns: async () => columns.map(({ name, type, stored }) => ({ header: name, type, sql: stored })),
    }
  },
}

function selectCalls({ accountId, watermark, columns: wanted }: Bounds, parameters: CallsParameters): Statement {
  const { conditions, parameters: values } = filterBy(parameters)
  const query = `
    SELECT ${wantedOf(columns, wanted)
      .map(({ stored }) => stored)
      .join(', ')}
    FROM calls FINAL
    WHERE account_id = {accountId:UInt32}
      AND number <= {lastNumber:UInt64}
      AND removed = 0
      AND status != 'active'
      AND ${inWindow('ended_at')}
      ${conditions.join('\n      ')}
    ORDER BY number
    ${manyRowsSettings}`
  return { query, parameters: { accountId, lastNumber: watermark.number, ...windowValues(parameters), ...values } }
}

function columnOf({ name, column, type, description }: Field, part: string): CallColumn {
  if (part === '') return { name, type: typeOf(type), description, stored: column }
  const joined = `${part}${name.charAt(0).toUpperCase()}${name.slice(1)}`
  return {
    name: joined,
    type: typeOf(type),
    description: `Of its ${part}: ${description}`,
    stored: `${part}_${column}`,
  }
}

function typeOf(type: Field['type']): ColumnType {
  switch (type.kind) {
    case 'id':
      return 'id'
    case 'number':
      return type.integer ? 'integer' : 'number'
    case 'boolean':
      return 'boolean'
    case 'time':
      return 'instant'
    case 'strings':
    case 'integers':
    case 'objects':
      return 'list'
    default:
      return 'text'
  }
}
