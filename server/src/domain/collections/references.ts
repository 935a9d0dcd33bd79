import { field, fields, id, number, required, string, strings, text, wordsOf, type Field } from '../fields.ts'
import { derivesNothing, hasNoRule, type Collection } from './collection.ts'

function reference(name: string, table: string, own: Field[]): Collection {
  return {
    name,
    table,
    key: 'id',
    isPart: false,
    fields: [required('id', id, "The sender's id."), ...own],
    derive: derivesNothing,
    check: hasNoRule,
  }
}

const itsName = required('name', string, 'Its name.')

export const campaigns = reference('campaigns', 'campaigns', [
  itsName,
  field('description', text, 'What it is for.'),
  ...fields(string, 'type status', (name) => `Its ${name}.`),
])

export const callCenters = reference('call-centers', 'call_centers', [itsName])

export const queues = reference('queues', 'queues', [itsName])

export const agents = reference('agents', 'agents', [
  itsName,
  ...fields(string, 'email externalId userId status type', (name) => `Its ${wordsOf(name)}.`),
  ...fields(number, 'hourlyCost engagementCost', (name) => `Its ${wordsOf(name)}.`),
  ...fields(string, 'team department location organization role managerName', (name) => `Its ${wordsOf(name)}.`),
])

export const customers = reference('customers', 'customers', [
  ...fields(
    string,
    'name externalId link type category segment organization region country state',
    (name) => `Its ${wordsOf(name)}.`,
  ),
  field('contacts', strings, 'E-mail addresses and phone numbers.'),
])
