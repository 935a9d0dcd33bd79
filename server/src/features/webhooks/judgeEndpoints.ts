import type { Ports } from '../../ports.ts'
import { systemContext } from '../../context.ts'
import { formatInstant } from '../../domain/instant.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { recordAudit } from '../accounts/recordAudit.ts'
import { announceEvent } from './announce.ts'
import type { ClaimedDelivery } from './claimDeliveries.ts'
import { hasSucceeded, type Outcome } from './sendDelivery.ts'

/** An endpoint is disabled when every delivery has failed for this long. */
const maxFailingMs = 5 * 24 * 60 * 60 * 1000

/**
 * Updates since when endpoints fail: one success clears it; five days of failures or an answer of 410 disable the
 * endpoint.
 */
export async function judgeEndpoints(ports: Ports, outcomes: readonly Outcome[]): Promise<void> {
  const healthy = new Set(outcomes.filter(hasSucceeded).map(({ delivery }) => delivery.endpoint_id))
  const recovered = new Set<string>()
  const failing = new Map<string, Outcome>()
  for (const outcome of outcomes) {
    const { endpoint_id: id, failing_since: since } = outcome.delivery
    if (healthy.has(id)) {
      if (since) recovered.add(id)
    } else if (outcome.status === 410 || failing.get(id)?.status !== 410) {
      failing.set(id, outcome)
    }
  }
  await markRecovered(ports, [...recovered])
  await markFailing(
    ports,
    [...failing.values()].filter(({ delivery }) => !delivery.failing_since),
  )
  for (const { delivery, status } of failing.values()) {
    const latestStart = ports.now() - maxFailingMs
    const since = delivery.failing_since?.getTime() ?? Infinity
    if (status === 410) await disable(ports, delivery, 'The receiver answered 410 Gone.', ports.now())
    else if (since <= latestStart) await disable(ports, delivery, 'Every delivery failed for five days.', latestStart)
  }
}

async function markRecovered(ports: Ports, endpointIds: string[]): Promise<void> {
  if (endpointIds.length === 0) return
  await ports.postgres.run(sql`
    UPDATE webhook_endpoints
    SET failing_since = NULL
    WHERE id IN (
      SELECT id
      FROM webhook_endpoints
      WHERE id = ANY(${endpointIds})
        AND failing_since IS NOT NULL
      ORDER BY id
      FOR NO KEY UPDATE
    )`)
}

/** Skips endpoints whose URL has changed meanwhile, because nothing is known about the new one. */
async function markFailing(ports: Ports, outcomes: Outcome[]): Promise<void> {
  if (outcomes.length === 0) return
  const tried = outcomes.map(({ delivery }) => ({ id: delivery.endpoint_id, url: delivery.url }))
  await ports.postgres.run(sql`
    UPDATE webhook_endpoints
    SET failing_since = ${new Date(ports.now())}
    WHERE id IN (
      SELECT webhook_endpoints.id
      FROM jsonb_to_recordset(${JSON.stringify(tried)}::jsonb) AS tried (id text, url text)
      JOIN webhook_endpoints USING (id, url)
      WHERE failing_since IS NULL
      ORDER BY webhook_endpoints.id
      FOR NO KEY UPDATE OF webhook_endpoints
    )`)
}

/**
 * Disables an endpoint that has failed since `failingBy` or earlier and announces it to the other endpoints of the
 * account, unless the endpoint was changed meanwhile.
 */
async function disable(ports: Ports, delivery: ClaimedDelivery, reason: string, failingBy: number): Promise<void> {
  const { endpoint_id: id, account_id: accountId, url } = delivery
  const now = ports.now()
  await ports.postgres.transaction(async (tx) => {
    const row = await tx.first<{ failing_since: Date }>(sql`
      UPDATE webhook_endpoints
      SET is_active = false,
          disabled_reason = ${reason},
          updated_at = ${new Date(now)}
      WHERE account_id = ${accountId}
        AND id = ${id}
        AND url = ${url}
        AND is_active
        AND failing_since <= ${new Date(failingBy)}
      RETURNING failing_since`)
    if (!row) return
    await recordAudit(tx, systemContext(ports, accountId), {
      action: 'webhook.disabled',
      subject: `webhook:${id}`,
      details: { reason },
    })
    const since = row.failing_since.getTime()
    const data = { endpoint_id: id, url, reason, failing_since: formatInstant(since), disabled_at: formatInstant(now) }
    await announceEvent(tx, { accountId, now }, { type: 'webhook.disabled', data, at: now })
    ports.log.warn({ accountId, endpointId: id, reason }, 'a webhook endpoint was disabled')
  })
}
