import type { Context } from '../../context.ts'
import type { WebhookEvent, WebhookEventGroup } from '../../domain/webhookEvents.ts'
import { AppError } from '../../errors.ts'
import { sql, type Queryable, type Sql } from '../../store/postgres/postgres.ts'

/** What an endpoint may ask for: events by name, all about one thing, or all of them. */
export type WantedEvent = WebhookEvent | WebhookEventGroup | '*'

/** An address that is told of events. */
export interface Endpoint {
  id: string
  url: string
  description: string | null
  events: WantedEvent[]
  isActive: boolean
  /** Why it is not active. */
  disabledReason: string | null
  /** Since when nothing has arrived there; null while it works. */
  failingSince: Date | null
  createdAt: Date
  updatedAt: Date
}

/** Why an endpoint is not active that its owner switched off. */
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

/** The columns of an EndpointRow: never the secrets. */
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

/** The account's endpoint. Throws RESOURCE_NOT_FOUND for any other id. */
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

/** The endpoint of a row that must be there. */
export function foundEndpoint(row: EndpointRow | undefined): Endpoint {
  if (!row) throw new AppError('RESOURCE_NOT_FOUND', 'There is no such webhook endpoint.')
  return endpointFrom(row)
}

/** The same, for what only makes sense while it is sent to. */
export async function requireActiveEndpoint(context: Context, on: Queryable, endpointId: string): Promise<Endpoint> {
  const endpoint = await requireEndpoint(context, on, endpointId)
  if (endpoint.isActive) return endpoint
  throw new AppError('CONFLICT', 'The webhook endpoint is disabled; enable it first.')
}
