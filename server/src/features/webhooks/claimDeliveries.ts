import { sql, type Queryable } from '../../store/postgres/postgres.ts'

/** A delivery leased to this process, with everything needed to send it. */
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
  /**
   * The caller's clock in milliseconds since 1970: a delivery is due when either this clock or that of the database
   * says so.
   */
  now: number
  leaseMs: number
  /** Free send slots of this process, and how many of them deliveries to failing endpoints may use. */
  freeSlots: number
  freeSlotsOfFailing: number
}

/** Maximum concurrent deliveries per endpoint over all processes; lower while the endpoint fails. */
const maxPerEndpoint = 10
const maxForFailingEndpoints = 2

/** Key of the advisory lock that lets one process at a time claim deliveries: "webh" in ASCII. */
const claimLock = 0x77656268
/** A process that hangs between two statements blocks the others no longer than this. */
const maxIdleMs = 5000

/**
 * Leases due deliveries, in a transaction that must end right after it. Endpoints with the fewest deliveries in flight
 * come first, and each endpoint has few slots, so that a slow one delays no other. A recursive query skips along the
 * index from endpoint to endpoint. A delivery becomes claimable only after its ingestion batch is readable.
 */
export async function claimDeliveries(tx: Queryable, claim: Claim): Promise<ClaimedDelivery[]> {
  // Claims are serialized, because two concurrent ones would not see each other's leases and could both fill the slots
  // of an endpoint.
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
      SELECT chosen.id, endpoints.is_failing, endpoints.held + chosen.position AS rank, chosen.next_at
      FROM endpoints
      CROSS JOIN LATERAL (
        SELECT delivery.id, delivery.next_at, row_number() OVER (ORDER BY delivery.next_at) AS position
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
    ranked AS (
      SELECT id, rank, next_at, is_failing, row_number() OVER (PARTITION BY is_failing ORDER BY rank, next_at) AS position
      FROM due
    ),
    locked AS (
      SELECT delivery.id
      FROM ranked
      JOIN webhook_deliveries AS delivery USING (id)
      WHERE delivery.status = 'pending'
        AND (delivery.worker IS NULL OR delivery.lease_until <= now())
        AND (NOT ranked.is_failing OR ranked.position <= ${claim.freeSlotsOfFailing})
      ORDER BY ranked.rank, ranked.next_at
      LIMIT ${claim.freeSlots}
      FOR UPDATE OF delivery SKIP LOCKED
    ),
    claimed AS (
      UPDATE webhook_deliveries AS delivery
      SET worker = ${claim.worker},
          lease_until = now() + ${claim.leaseMs} * INTERVAL '1 millisecond'
      FROM locked
      WHERE delivery.id = locked.id
      RETURNING delivery.id, delivery.account_id, delivery.endpoint_id, delivery.event_id, delivery.attempts
    )
    SELECT
      claimed.id,
      claimed.account_id,
      claimed.endpoint_id,
      endpoint.url,
      endpoint.secret,
      endpoint.previous_secret,
      endpoint.previous_secret_until,
      endpoint.failing_since,
      claimed.attempts,
      claimed.event_id,
      event.type,
      event.at,
      event.data
    FROM claimed
    JOIN webhook_endpoints AS endpoint ON endpoint.id = claimed.endpoint_id
    JOIN webhook_events AS event ON event.id = claimed.event_id`)
}

/**
 * Releases the leases of a worker, or all leases when no worker is given (only safe when no other process can be
 * alive).
 */
export async function releaseDeliveries(on: Queryable, worker?: string): Promise<void> {
  await on.run(sql`
    UPDATE webhook_deliveries
    SET worker = NULL,
        lease_until = NULL
    WHERE worker IS NOT NULL
      AND worker = coalesce(${worker ?? null}::uuid, worker)`)
}
