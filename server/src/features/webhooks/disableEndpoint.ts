import { requireScope, type Context } from '../../context.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { recordAudit } from '../accounts/recordAudit.ts'
import { disabledByRequest, endpointColumns, foundEndpoint, type Endpoint, type EndpointRow } from './endpoint.ts'

/**
 * Stops sending to an endpoint. New events create no deliveries for it; pending deliveries wait until it is enabled.
 */
export async function disableEndpoint(context: Context, endpointId: string): Promise<Endpoint> {
  requireScope(context, 'webhooks:manage')
  const { ports, accountId } = context
  return ports.postgres.transaction(async (tx) => {
    const row = await tx.first<EndpointRow>(sql`
      UPDATE webhook_endpoints
      SET is_active = false,
          disabled_reason = CASE WHEN is_active THEN ${disabledByRequest} ELSE disabled_reason END,
          updated_at = ${new Date(ports.now())}
      WHERE account_id = ${accountId}
        AND id = ${endpointId}
        AND deleted_at IS NULL
      RETURNING ${endpointColumns}`)
    const endpoint = foundEndpoint(row)
    await recordAudit(tx, context, { action: 'webhook.disabled', subject: `webhook:${endpointId}` })
    return endpoint
  })
}
