import { requireScope, type Context } from '../../context.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { recordAudit } from '../accounts/recordAudit.ts'
import { keepMasterKeys } from '../masterKey/changeMasterKeys.ts'
import { endpointColumns, foundEndpoint, type Endpoint, type EndpointRow } from './endpoint.ts'
import { newWebhookSecret, webhookPurpose } from './secret.ts'

/**
 * Gives an endpoint a new secret and returns it this once. Deliveries also carry a signature under the previous secret
 * for `overlapSeconds`; 0 invalidates the previous secret at once.
 */
export async function rotateEndpointSecret(
  context: Context,
  endpointId: string,
  { secret = newWebhookSecret(), overlapSeconds }: { secret?: string; overlapSeconds: number },
): Promise<{ endpoint: Endpoint; secret: string; previousUntil: Date | null }> {
  requireScope(context, 'webhooks:manage')
  const { ports, accountId } = context
  const previousUntil = overlapSeconds === 0 ? null : new Date(ports.now() + overlapSeconds * 1000)
  const endpoint = await ports.postgres.transaction(async (tx) => {
    await keepMasterKeys(tx)
    const sealed = ports.secrets.seal(secret, webhookPurpose(endpointId))
    const row = await tx.first<EndpointRow>(sql`
      UPDATE webhook_endpoints
      SET previous_secret = CASE WHEN ${previousUntil !== null} THEN secret END,
          previous_secret_until = ${previousUntil},
          secret = ${sealed},
          updated_at = ${new Date(ports.now())}
      WHERE account_id = ${accountId}
        AND id = ${endpointId}
        AND deleted_at IS NULL
      RETURNING ${endpointColumns}`)
    const found = foundEndpoint(row)
    await recordAudit(tx, context, {
      action: 'webhook.secret-rotated',
      subject: `webhook:${endpointId}`,
      details: { overlapSeconds },
    })
    return found
  })
  return { endpoint, secret, previousUntil }
}
