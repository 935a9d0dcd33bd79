import { randomBytes } from 'node:crypto'
import { requireScope, type Context } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { recordAudit } from '../accounts/recordAudit.ts'
import { keepMasterKeys } from '../masterKey/changeMasterKeys.ts'
import { requireAllowedUrl } from './checkUrl.ts'
import {
  disabledByRequest,
  endpointColumns,
  foundEndpoint,
  type Endpoint,
  type EndpointRow,
  type WantedEvent,
} from './endpoint.ts'
import { newWebhookSecret, webhookPurpose } from './secret.ts'

export interface CreateEndpoint {
  url: string
  events: readonly WantedEvent[]
  description: string | null
  /** Generated when undefined. */
  secret: string | undefined
  isActive: boolean
}

/** The number is limited because each event inserts one delivery per endpoint. */
const maxEndpoints = 200

/** Creates an endpoint. Returns the secret only if it was generated here, and only this once. */
export async function createEndpoint(
  context: Context,
  input: CreateEndpoint,
): Promise<{ endpoint: Endpoint; generatedSecret: string | undefined }> {
  requireScope(context, 'webhooks:manage')
  const { ports, accountId } = context
  await requireAllowedUrl(ports, input.url)
  const id = `wh_${randomBytes(12).toString('hex')}`
  const generatedSecret = input.secret === undefined ? newWebhookSecret() : undefined
  const now = new Date(ports.now())
  const endpoint = await ports.postgres.transaction(async (tx) => {
    await keepMasterKeys(tx)
    const sealed = ports.secrets.seal(input.secret ?? generatedSecret ?? '', webhookPurpose(id))
    const row = await tx.first<EndpointRow>(sql`
      INSERT INTO webhook_endpoints
        (id, account_id, url, description, events, secret, is_active, disabled_reason, created_at, updated_at)
      SELECT
        ${id}, ${accountId}, ${input.url}, ${input.description}, ${[...new Set(input.events)]}::text[], ${sealed}::bytea,
        ${input.isActive}::boolean, ${input.isActive ? null : disabledByRequest}::text, ${now}::timestamptz, ${now}::timestamptz
      WHERE ${maxEndpoints} > (
        SELECT count(*)
        FROM webhook_endpoints
        WHERE account_id = ${accountId}
          AND deleted_at IS NULL
      )
      RETURNING ${endpointColumns}`)
    if (!row) {
      throw new AppError(
        'CONFLICT',
        `The account has ${maxEndpoints} webhook endpoints, the most there may be; delete one.`,
      )
    }
    await recordAudit(tx, context, { action: 'webhook.created', subject: `webhook:${id}` })
    return foundEndpoint(row)
  })
  return { endpoint, generatedSecret }
}
