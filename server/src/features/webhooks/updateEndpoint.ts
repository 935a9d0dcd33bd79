import { requireScope, type Context } from '../../context.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { recordAudit } from '../accounts/recordAudit.ts'
import { requireAllowedUrl } from './checkUrl.ts'
import {
  endpointColumns,
  foundEndpoint,
  requireEndpoint,
  type Endpoint,
  type EndpointRow,
  type WantedEvent,
} from './endpoint.ts'

/** Fields that are left out keep their value. */
export interface EndpointChange {
  url?: string
  events?: readonly WantedEvent[]
  description?: string | null
}

/** Changes an endpoint. Pending deliveries go to the new URL; a new URL clears the record of failures. */
export async function updateEndpoint(
  context: Context,
  endpointId: string,
  { url, events, description }: EndpointChange,
): Promise<Endpoint> {
  requireScope(context, 'webhooks:manage')
  const { ports, accountId } = context
  await requireEndpoint(context, ports.postgres, endpointId)
  if (url !== undefined) await requireAllowedUrl(ports, url)
  const changed = Object.entries({ url, events, description }).filter(([, value]) => value !== undefined)
  return ports.postgres.transaction(async (tx) => {
    const row = await tx.first<EndpointRow>(sql`
      UPDATE webhook_endpoints
      SET url = coalesce(${url ?? null}, url),
          failing_since = CASE WHEN ${url ?? null}::text <> url THEN NULL ELSE failing_since END,
          events = coalesce(${events === undefined ? null : [...new Set(events)]}::text[], events),
          description = CASE WHEN ${description !== undefined} THEN ${description ?? null}::text ELSE description END,
          updated_at = ${new Date(ports.now())}
      WHERE account_id = ${accountId}
        AND id = ${endpointId}
        AND deleted_at IS NULL
      RETURNING ${endpointColumns}`)
    const endpoint = foundEndpoint(row)
    await recordAudit(tx, context, {
      action: 'webhook.updated',
      subject: `webhook:${endpointId}`,
      details: { fields: changed.map(([name]) => name) },
    })
    return endpoint
  })
}
