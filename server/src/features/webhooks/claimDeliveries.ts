import { sql, type Queryable } from '../../store/postgres/postgres.ts'

/** A delivery that this process holds, with all that is needed to send it. */
export interface ClaimedDelivery {
  id: string
  account_id: number
  endpoint_id: string
  url: string
  secret: Buffer
  previous_secret: Buffer | null
  previous_secret_until: Date | null
  failing_since: Date | null
  /** Failed attempts so far. */
  attempts: number
  event_id: string
  type: string
  at: Date
  data: string
}

export interface Claim {
  worker: string
  /** The caller's clock in milliseconds since 1970: a delivery is due when it or the database's says so. */
  now: number
  leaseMs: number
  /** Free places; of them, those that failing endpoints may take. */
  freeSlots: number
  freeSlotsOfFailing: number
}

/** Deliveries that are under way to one endpoint at a time, over all processes: few while it fails. */
const maxPerEndpoint = 10
const maxForFailingEndpoints = 2

/** A name for the advisory lock under which one process at a time takes deliveries: "webh" in ASCII. */
const claimLock = 0x77656268
/** A process that hangs between two statements holds the others up for no longer. */
const maxIdleMs = 5000

/**
 * Takes deliveries that are due, under a lease, in a transaction that ends with it. Between endpoints, the one with the
 * fewest under way comes first, and each has few places of its own, so that a slow one delays nobody else. Endpoints are
 * found by hopping along the index. Nothing is taken before the ingestion batch that it tells of can be read.
 */
export async function claimDeliveries(tx: Queryable, claim: Claim): Promise<ClaimedDelivery[]> {
  // One after the other: two at once would not see what the other takes, and both fill an endpoint's places.
  await tx.run(sql`
    SELECT
      pg_advisory_xact_lock(${claimLock}),
      set_config('idle_in_transaction_session_timeout', ${String(maxIdleMs)}, true)`)
  return tx.query<ClaimedDelivery>(sql`
    WITH RECURSIVE waiting (endpoint_id) AS (
      (
        SELECT endpoint_id
        FROM webhook_deliveries
        WHERE status = 'pending'
        ORDER BY endpoint_id
        LIMIT 1
      )
      UNION ALL
      SELECT (
        SELECT webhook_deliveries.endpoint_id
        FROM webhook_deliveries
        WHERE webhook_deliveries.status = 'pending'
          AND webhook_deliveries.endpoint_id > waiting.endpoint_id
        ORDER BY webhook_deliveries.endpoint_id
        LIMIT 1
      )
      FROM waiting
      WHERE waiting.endpoint_id IS NOT NULL
    ),
    endpoints AS (
      SELECT
        endpoint.id,
        endpoint.failing_since IS NOT NULL AS is_failing,
        held.count AS held,
        (
          SELECT min(ingest_batches.batch)
          FROM ingest_batches
          WHERE ingest_batches.account_id = endpoint.account_id
        ) AS open_batch
      FROM waiting
      JOIN webhook_endpoints AS endpoint ON endpoint.id = waiting.endpoint_id
      JOIN accounts ON accounts.id = endpoint.account_id
      CROSS JOIN LATERAL (
        SELECT count(*) AS count
        FROM webhook_deliveries AS delivery
        WHERE delivery.endpoint_id = endpoint.id
          AND delivery.worker IS NOT NULL
          AND delivery.lease_until > now()
      ) AS held
      WHERE endpoint.is_active
        AND accounts.disabled_at IS NULL
    ),
    due AS (
      SELECT chosen.id, endpoints.is_failing, endpoints.held + chosen.place AS turn, chosen.next_at
      FROM endpoints
      CROSS JOIN LATERAL (
        SELECT delivery.id, delivery.next_at, row_number() OVER (ORDER BY delivery.next_at) AS place
        FROM webhook_deliveries AS delivery
        WHERE delivery.endpoint_id = endpoints.id
          AND delivery.status = 'pending'
          AND delivery.next_at <= greatest(now(), ${new Date(claim.now)}::timestamptz)
          AND (delivery.worker IS NULL OR delivery.lease_until <= now())
          AND (delivery.batch IS NULL OR endpoints.open_batch IS NULL OR delivery.batch < endpoints.open_batch)
        ORDER BY delivery.next_at
        LIMIT greatest(0, (CASE WHEN endpoints.is_failing THEN ${maxForFailingEndpoints}::int ELSE ${maxPerEndpoint}::int END) - endpoints.held)
      ) AS chosen
    ),
    placed AS (
      SELECT id, turn, next_at, is_failing, row_number() OVER (PARTITION BY is_failing ORDER BY turn, next_at) AS place
      FROM due
    ),
    locked AS (
      SELECT delivery.id
      FROM placed
      JOIN webhook_deliveries AS delivery USING (id)
      WHERE delivery.status = 'pending'
        AND (delivery.worker IS NULL OR delivery.lease_until <= now())
        AND (NOT placed.is_failing OR placed.place <= ${claim.freeSlotsOfFailing})
      ORDER BY placed.turn, placed.next_at
      LIMIT ${claim.freeSlots}
      FOR UPDATE OF delivery SKIP LOCKED
    ),
    taken AS (
      UPDATE webhook_deliveries AS delivery
      SET worker = ${claim.worker},
          lease_until = now() + ${claim.leaseMs} * INTERVAL '1 millisecond'
      FROM locked
      WHERE delivery.id = locked.id
      RETURNING delivery.id, delivery.account_id, delivery.endpoint_id, delivery.event_id, delivery.attempts
    )
    SELECT
      taken.id,
      taken.account_id,
      taken.endpoint_id,
      endpoint.url,
      endpoint.secret,
      endpoint.previous_secret,
      endpoint.previous_secret_until,
      endpoint.failing_since,
      taken.attempts,
      taken.event_id,
      event.type,
      event.at,
      event.data
    FROM taken
    JOIN webhook_endpoints AS endpoint ON endpoint.id = taken.endpoint_id
    JOIN webhook_events AS event ON event.id = taken.event_id`)
}

/** Gives back what a worker holds, or everybody: those of processes that are surely dead. */
export async function releaseDeliveries(on: Queryable, worker?: string): Promise<void> {
  await on.run(sql`
    UPDATE webhook_deliveries
    SET worker = NULL,
        lease_until = NULL
    WHERE worker IS NOT NULL
      AND worker = coalesce(${worker ?? null}::uuid, worker)`)
}
