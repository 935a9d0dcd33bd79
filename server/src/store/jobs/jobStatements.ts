import { randomUUID } from 'node:crypto'
import { sql, type Queryable } from '../postgres/postgres.ts'

/** The channel that wakes workers; the payload is the kind of a waiting job. */
export const wakeChannel = 'jobs'
/** The channel that tells a worker about a cancelled job; the payload is the job's id. */
export const cancelChannel = 'jobs_cancelled'

/** A job that this worker has just claimed. */
export interface ClaimedJob {
  id: string
  account_id: number
  input: unknown
  attempt: number
  failures: number
}

/** The condition of statements on a claimed job, so that a worker that lost its lease changes nothing. */
export interface Hold {
  id: string
  attempt: number
  worker: string
}

export async function insertJob(
  tx: Queryable,
  job: { kind: string; accountId: number; input: unknown; runAt?: number },
): Promise<string> {
  const id = randomUUID()
  const runAt = job.runAt === undefined ? null : new Date(job.runAt)
  await tx.run(sql`
    WITH added AS (
      INSERT INTO jobs (id, kind, account_id, input, run_at)
      VALUES (
        ${id}, ${job.kind}, ${job.accountId}, ${JSON.stringify(job.input)}::jsonb,
        coalesce(${runAt}::timestamptz, clock_timestamp())
      )
      RETURNING kind
    )
    SELECT pg_notify(${wakeChannel}, kind)
    FROM added`)
  return id
}

export async function deleteJob(tx: Queryable, id: string): Promise<boolean> {
  const deleted = await tx.run(sql`
    WITH deleted AS (
      DELETE FROM jobs
      WHERE id = ${id}
      RETURNING id
    )
    SELECT pg_notify(${cancelChannel}, id::text)
    FROM deleted`)
  return deleted > 0
}

/**
 * Claims up to `limit` due jobs of a kind. The jobs of one account are claimed in the order of their times. The account
 * with the fewest running jobs comes first, so that a thousand jobs of one account do not delay those of others. The
 * statement skips along the index from account to account, so its cost does not grow with the number of waiting jobs.
 * `now` is the caller's clock in milliseconds since 1970: a job is due by that clock or by the database's.
 */
export async function claimJobs(
  on: Queryable,
  claim: { kind: string; limit: number; worker: string; now: number; leaseMs: number },
): Promise<ClaimedJob[]> {
  // More candidates than the limit, because another worker may claim some of them at the same moment.
  const candidates = claim.limit * 4 + 4
  const due = sql`greatest(now(), ${new Date(claim.now)}::timestamptz)`
  return on.query<ClaimedJob>(sql`
    WITH RECURSIVE accounts (account_id) AS (
      (
        SELECT account_id
        FROM jobs
        WHERE kind = ${claim.kind}
          AND worker IS NULL
        ORDER BY account_id
        LIMIT 1
      )
      UNION ALL
      SELECT (
        SELECT jobs.account_id
        FROM jobs
        WHERE jobs.kind = ${claim.kind}
          AND jobs.worker IS NULL
          AND jobs.account_id > accounts.account_id
        ORDER BY jobs.account_id
        LIMIT 1
      )
      FROM accounts
      WHERE accounts.account_id IS NOT NULL
    ),
    chosen AS (
      SELECT waiting.id, waiting.run_at, held.running + waiting.position AS rank
      FROM accounts
      CROSS JOIN LATERAL (
        SELECT count(*) AS running
        FROM jobs
        WHERE jobs.kind = ${claim.kind}
          AND jobs.account_id = accounts.account_id
          AND jobs.worker IS NOT NULL
      ) AS held
      CROSS JOIN LATERAL (
        SELECT jobs.id, jobs.run_at, row_number() OVER (ORDER BY jobs.run_at) AS position
        FROM jobs
        WHERE jobs.kind = ${claim.kind}
          AND jobs.account_id = accounts.account_id
          AND jobs.worker IS NULL
          AND jobs.run_at <= ${due}
        ORDER BY jobs.run_at
        LIMIT ${candidates}
      ) AS waiting
      ORDER BY rank, run_at
      LIMIT ${candidates}
    ),
    locked AS (
      SELECT jobs.id
      FROM chosen
      JOIN jobs USING (id)
      WHERE jobs.worker IS NULL
      ORDER BY chosen.rank, chosen.run_at
      LIMIT ${claim.limit}
      FOR UPDATE OF jobs SKIP LOCKED
    )
    UPDATE jobs
    SET worker = ${claim.worker},
        lease_until = now() + ${claim.leaseMs} * INTERVAL '1 millisecond',
        attempt = attempt + 1
    WHERE id IN (SELECT id FROM locked)
    RETURNING id, account_id, input, attempt, failures`)
}

/** A waiting job's position, from 1, in the order in which `claimJobs` claims jobs; undefined when it does not wait. */
export async function readQueuePosition(on: Queryable, id: string): Promise<number | undefined> {
  const row = await on.first<{ position: number }>(sql`
  WITH ranked AS (
      SELECT
        jobs.id,
        jobs.worker,
        jobs.run_at,
        count(*) FILTER (WHERE jobs.worker IS NOT NULL) OVER account
          + row_number() OVER (PARTITION BY jobs.account_id, jobs.worker IS NULL ORDER BY jobs.run_at) AS rank
      FROM jobs
      WHERE jobs.kind = (SELECT kind FROM jobs WHERE id = ${id})
      WINDOW account AS (PARTITION BY jobs.account_id)
    ),
    positions AS (
    SELECT id, row_number() OVER (ORDER BY rank, run_at, id) AS position
    FROM ranked
      WHERE worker IS NULL
    )
    SELECT position
    FROM positions
    WHERE id = ${id}`)
  return row?.position
}

/** The kinds that may have a due job, or a job with an expired lease; one query when there is none. */
export async function kindsToLookAt(
  on: Queryable,
  { kinds, now }: { kinds: string[]; now: number },
): Promise<string[]> {
  const rows = await on.query<{ kind: string }>(sql`
    SELECT asked.kind
    FROM unnest(${kinds}::text[]) AS asked (kind)
    WHERE EXISTS (
      SELECT
      FROM jobs
      WHERE jobs.kind = asked.kind
        AND CASE
          WHEN jobs.worker IS NULL THEN jobs.run_at <= greatest(now(), ${new Date(now)}::timestamptz)
          ELSE jobs.lease_until < now()
        END
    )`)
  return rows.map(({ kind }) => kind)
}

/** Returns jobs whose lease expired to the queue; an expired lease counts as a failed attempt. */
export async function releaseExpired(on: Queryable, kinds: string[]): Promise<number> {
  return on.run(sql`
    UPDATE jobs
    SET worker = NULL,
        lease_until = NULL,
        failures = failures + 1
    WHERE id IN (
      SELECT id
      FROM jobs
      WHERE kind = ANY(${kinds})
        AND worker IS NOT NULL
        AND lease_until < now()
      FOR UPDATE SKIP LOCKED
    )`)
}

/** Renews the leases of a worker; returns the jobs that it still holds, each with its attempt. */
export async function renewLeases(
  on: Queryable,
  renewal: { ids: string[]; worker: string; leaseMs: number },
): Promise<{ id: string; attempt: number }[]> {
  return on.query(sql`
    UPDATE jobs
    SET lease_until = now() + ${renewal.leaseMs} * INTERVAL '1 millisecond'
    WHERE id = ANY(${renewal.ids})
      AND worker = ${renewal.worker}
    RETURNING id, attempt`)
}

/** Deletes a job that succeeded or failed for good. */
export async function finishJob(on: Queryable, hold: Hold): Promise<void> {
  await on.run(sql`
    DELETE FROM jobs
    WHERE id = ${hold.id}
      AND attempt = ${hold.attempt}
      AND worker = ${hold.worker}`)
}

/**
 * Returns a job to the queue: after a failed attempt with a pause, after a stop at once and without counting a failure.
 */
export async function putBackJob(
  on: Queryable,
  hold: Hold,
  { failed, pauseMs }: { failed: boolean; pauseMs: number },
): Promise<void> {
  await on.run(sql`
    WITH returned AS (
      UPDATE jobs
      SET worker = NULL,
          lease_until = NULL,
          failures = failures + ${failed ? 1 : 0},
          run_at = CASE
            WHEN ${pauseMs} = 0 THEN run_at
            ELSE clock_timestamp() + ${pauseMs} * INTERVAL '1 millisecond'
          END
      WHERE id = ${hold.id}
        AND attempt = ${hold.attempt}
        AND worker = ${hold.worker}
      RETURNING kind
    )
    SELECT pg_notify(${wakeChannel}, kind)
    FROM returned
    WHERE ${pauseMs} = 0`)
}
