import { requireScope, type Context } from '../../context.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { recordAudit } from '../accounts/recordAudit.ts'
import { endpointColumns, foundEndpoint, type EndpointRow } from './endpoint.ts'

/** Deletes an endpoint and its secret; nothing more is sent to it, and a job deletes its deliveries later. */
export async function deleteEndpoint(context: Context, endpointId: string): Promise<void> {
  requireScope(context, 'webhooks:manage')
  const { ports, accountId } = context
  const now = new Date(ports.now())
  await ports.postgres.transaction(async (tx) => {
    const row = await tx.first<EndpointRow>(sql`
      UPDATE webhook_endpoints
      SET is_active = false,
          secret = NULL,
          previous_secret = NULL,
          previous_secret_until = NULL,
          deleted_at = ${now},
          updated_at = ${now}
      WHERE account_id = ${accountId}
        AND id = ${endpointId}
        AND deleted_at IS NULL
      RETURNING ${endpointColumns}`)
    foundEndpoint(row)
    await recordAudit(tx, context, { action: 'webhook.deleted', subject: `webhook:${endpointId}` })
  })
}
