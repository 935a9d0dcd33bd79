import type { Ports } from '../../ports.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { judgeEndpoints } from './judgeEndpoints.ts'
import { nextAttemptAt } from './retry.ts'
import { hasSucceeded, type Outcome } from './sendDelivery.ts'

/**
 * Stores the outcomes of attempts in one statement, so that a hundred cost little more than one. Outcomes of a worker
 * that lost its lease are ignored.
 */
export async function recordOutcomes(ports: Ports, worker: string, outcomes: readonly Outcome[]): Promise<void> {
  for (const outcome of outcomes) {
    ports.metrics.webhookAttempts.add({ result: hasSucceeded(outcome) ? 'succeeded' : 'failed' })
  }
  const now = ports.now()
  const results = outcomes.map((outcome) => resultOf(outcome, now))
  await ports.postgres.run(sql`
    WITH results AS (
      SELECT *
      FROM jsonb_to_recordset(${JSON.stringify(results)}::jsonb) AS result (
        delivery_id uuid,
        outcome text,
        next_at timestamptz,
        at timestamptz,
        duration_ms integer,
        status integer,
        error text,
        response_start text
      )
    ),
    changed AS (
      UPDATE webhook_deliveries AS delivery
      SET status = results.outcome,
          attempts = delivery.attempts + 1,
          next_at = coalesce(results.next_at, delivery.next_at),
          worker = NULL,
          lease_until = NULL,
          finished_at = CASE WHEN results.outcome = 'pending' THEN NULL ELSE ${new Date(now)}::timestamptz END
      FROM results
      WHERE delivery.id = results.delivery_id
        AND delivery.status = 'pending'
        AND delivery.worker = ${worker}
      RETURNING delivery.id, delivery.account_id
    )
    INSERT INTO webhook_attempts (delivery_id, account_id, at, duration_ms, status, error, response_start)
    SELECT changed.id, changed.account_id, results.at, results.duration_ms, results.status, results.error, results.response_start
    FROM results
    JOIN changed ON changed.id = results.delivery_id`)
  await judgeEndpoints(ports, outcomes)
}

function resultOf(outcome: Outcome, now: number) {
  const { delivery, at, durationMs, status, error, responseStart, requestedPauseMs } = outcome
  const nextAt = hasSucceeded(outcome) ? undefined : nextAttemptAt(delivery.attempts + 1, now, requestedPauseMs)
  return {
    delivery_id: delivery.id,
    outcome: hasSucceeded(outcome) ? 'succeeded' : nextAt === undefined ? 'failed' : 'pending',
    next_at: nextAt === undefined ? null : new Date(nextAt).toISOString(),
    at: new Date(at).toISOString(),
    duration_ms: durationMs,
    status,
    error,
    response_start: responseStart,
  }
}
