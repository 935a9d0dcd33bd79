import { windowDataset, type SelectedColumn } from './machineDataset.ts'
import { inWindow, type Window } from './window.ts'

const columns: SelectedColumn[] = [
  { name: 'pid', type: 'id', description: "The agent's id." },
  { name: 'external_id', type: 'id', description: "The sender's other id." },
  { name: 'name', type: 'text', description: "The agent's name." },
  { name: 'status', type: 'text', description: "The agent's status." },
  { name: 'type', type: 'text', description: "The agent's type." },
  { name: 'hourly_cost', type: 'number', description: 'What an hour costs.' },
  { name: 'engagement_cost', type: 'number', description: 'What an engagement costs.' },
  { name: 'team', type: 'text', description: 'Team.' },
  { name: 'department', type: 'text', description: 'Department.' },
  { name: 'location', type: 'text', description: 'Location.' },
  { name: 'organization', type: 'text', description: 'Organization.' },
  { name: 'role', type: 'text', description: 'Role.' },
  { name: 'manager', type: 'text', description: "The manager's name." },
]

/** Agents of the exported engagements, and those that changed in the window. */
export const agent = windowDataset({
  name: 'agent',
  fileName: 'agents',
  description: 'Agents of the exported engagements, and those that changed in the window.',
  columns,
  tables: ['agents'],
  query: selectAgents,
})

function selectAgents(base: string, { customerIds }: Window): string {
  return `
    SELECT
      agents.id AS pid,
      ${columns
        .slice(1, -1)
        .map(({ name }) => `agents.${name} AS ${name}`)
        .join(',\n      ')},
      agents.manager_name AS manager
    FROM agents FINAL
    WHERE agents.account_id = {accountId:UInt32}
      AND agents.removed = 0
      AND (
        -- A changed agent says nothing of the customers that were asked for.
        ${customerIds ? '0' : inWindow('agents.updated_at')}
        OR agents.id IN (
          SELECT assumeNotNull(agent_id)
          FROM ${base}
          WHERE is_exported
            AND agent_id IS NOT NULL
        )
      )`
}
