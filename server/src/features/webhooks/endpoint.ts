import type { Context } from '../../context.ts'
import type { WebhookEvent, WebhookEventGroup } from '../../domain/webhookEvents.ts'
import { AppError } from '../../errors.ts'
import { sql, type Queryable, type Sql } from '../../store/postgres/postgres.ts'

/** What an endpoint may subscribe to: an event, a group of events such as `call.*`, or all events. */
export type WantedEvent = WebhookEvent | WebhookEventGroup | '*'

/** A URL that receives events. */
export interface Endpoint {
  id: string
  url: string
  description: string | null
  events: WantedEvent[]
  isActive: boolean
  /** Why it is inactive; null while it is active. */
  disabledReason: string | null
  /** Since when every delivery has failed; null while deliveries succeed. */
  failingSince: Date | null
  createdAt: Date
  updatedAt: Date
}

/** The reason stored when the owner disables an endpoint. */
export const disabledByRequest = 'Disabled by request.'

export interface EndpointRow {
  id: string
  url: string
  description: string | null
  events: WantedEvent[]
  is_active: boolean
  disabled_reason: string | null
  failing_since: Date | null
  created_at: Date
  updated_at: Date
}

/** The columns of an EndpointRow; they never include the secrets. */
export const endpointColumns: Sql = sql`
  id, url, description, events, is_active, disabled_reason, failing_since, created_at, updated_at`

export function endpointFrom(row: EndpointRow): Endpoint {
  return {
    id: row.id,
    url: row.url,
    description: row.description,
    events: row.events,
    isActive: row.is_active,
    disabledReason: row.disabled_reason,
    failingSince: row.failing_since,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

/** Reads an endpoint of the account. Throws RESOURCE_NOT_FOUND for other ids. */
export async function requireEndpoint(
  { accountId }: Pick<Context, 'accountId'>,
  on: Queryable,
  endpointId: string,
): Promise<Endpoint> {
  const row = await on.first<EndpointRow>(sql`
    SELECT ${endpointColumns}
    FROM webhook_endpoints
    WHERE account_id = ${accountId}
      AND id = ${endpointId}
      AND deleted_at IS NULL`)
  return foundEndpoint(row)
}

/** Returns the endpoint of a row, or throws RESOURCE_NOT_FOUND without one. */
export function foundEndpoint(row: EndpointRow | undefined): Endpoint {
  if (!row) throw new AppError('RESOURCE_NOT_FOUND', 'There is no such webhook endpoint.')
  return endpointFrom(row)
}

/** Reads an endpoint that must be active; throws CONFLICT when it is disabled. */
export async function requireActiveEndpoint(context: Context, on: Queryable, endpointId: string): Promise<Endpoint> {
  const endpoint = await requireEndpoint(context, on, endpointId)
  if (endpoint.isActive) return endpoint
  throw new AppError('CONFLICT', 'The webhook endpoint is disabled; enable it first.')
}
