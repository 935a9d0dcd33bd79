import { windowDataset, type SelectedColumn } from './machineDataset.ts'
import { inWindow, isWanted, type Window } from './window.ts'

const texts = ['name', 'link', 'type', 'category', 'segment', 'organization', 'region', 'country', 'state']

const columns: SelectedColumn[] = [
  { name: 'pid', type: 'id', description: "The customer's id." },
  { name: 'external_id', type: 'id', description: "The sender's other id." },
  ...texts.map((name): SelectedColumn => ({ name, type: 'text', description: `The customer's ${name}.` })),
]

/** Customers of the exported engagements, and those that changed in the window. */
export const customer = windowDataset({
  name: 'customer',
  fileName: 'customers',
  description: 'Customers of the exported engagements, and those that changed in the window.',
  columns,
  tables: ['customers'],
  query: selectCustomers,
})

function selectCustomers(base: string, window: Window): string {
  return `
    SELECT
      customers.id AS pid,
      ${['external_id', ...texts].map((column) => `customers.${column} AS ${column}`).join(',\n      ')}
    FROM customers FINAL
    WHERE customers.account_id = {accountId:UInt32}
      AND customers.removed = 0
      AND ${isWanted('customers.id', window)}
      AND (
        ${inWindow('customers.updated_at')}
        OR customers.id IN (
          SELECT assumeNotNull(customer_id)
          FROM ${base}
          WHERE is_exported
            AND customer_id IS NOT NULL
        )
      )`
}
