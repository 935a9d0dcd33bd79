import { requireScope, type Context } from '../../context.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { endpointColumns, endpointFrom, type Endpoint, type EndpointRow } from './endpoint.ts'

/** Lists the endpoints of the account in order of creation. */
export async function listEndpoints(context: Context): Promise<Endpoint[]> {
  requireScope(context, 'webhooks:manage')
  const rows = await context.ports.postgres.query<EndpointRow>(sql`
    SELECT ${endpointColumns}
    FROM webhook_endpoints
    WHERE account_id = ${context.accountId}
      AND deleted_at IS NULL
    ORDER BY created_at, id`)
  return rows.map(endpointFrom)
}
