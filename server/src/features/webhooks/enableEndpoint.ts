import { wakeDeliveries } from './wakeDeliveries.ts'
import { requireScope, type Context } from '../../context.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { recordAudit } from '../accounts/recordAudit.ts'
import { endpointColumns, foundEndpoint, type Endpoint, type EndpointRow } from './endpoint.ts'

/** Enables an endpoint. Its pending deliveries continue with their attempts so far. */
export async function enableEndpoint(context: Context, endpointId: string): Promise<Endpoint> {
  requireScope(context, 'webhooks:manage')
  const { ports, accountId } = context
  return ports.postgres.transaction(async (tx) => {
    const row = await tx.first<EndpointRow>(sql`
      UPDATE webhook_endpoints
      SET is_active = true,
          disabled_reason = NULL,
          failing_since = CASE WHEN is_active THEN failing_since END,
          updated_at = ${new Date(ports.now())}
      WHERE account_id = ${accountId}
        AND id = ${endpointId}
        AND deleted_at IS NULL
      RETURNING ${endpointColumns}`)
    const endpoint = foundEndpoint(row)
    await wakeDeliveries(tx)
    await recordAudit(tx, context, { action: 'webhook.enabled', subject: `webhook:${endpointId}` })
    return endpoint
  })
}
