import type { Ports } from '../../ports.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { systemContext } from '../../context.ts'
import type { HeldJob } from '../../store/jobs/jobs.ts'
import { applyRetention } from './applyRetention.ts'

export const retentionJob = 'retention'

/** Maximum duration of one pass, so that other accounts do not wait longer. */
const passMs = 120_000

/** Queues a job for every account with a limited retention, unless it has one. */
export async function queueRetention(ports: Ports, signal?: AbortSignal): Promise<void> {
  const accounts = await ports.postgres.query<{ id: number }>(sql`
    SELECT id
    FROM accounts
    WHERE (
        retention_calls_days IS NOT NULL
        OR retention_turns_days IS NOT NULL
        OR retention_recordings_days IS NOT NULL
      )
      AND NOT EXISTS (
        SELECT FROM jobs
        WHERE jobs.kind = ${retentionJob}
          AND jobs.account_id = accounts.id
      )
    ORDER BY id`)
  for (const { id } of accounts) {
    signal?.throwIfAborted()
    await queueAccount(ports, id)
  }
}

/** Runs one pass for an account; if work remains, queues another job unless there is one. */
export async function runRetention(ports: Ports, { id, accountId, signal }: HeldJob, ms = passMs): Promise<void> {
  const pass = { signal, endsAt: performance.now() + ms }
  const isDone = await applyRetention(systemContext(ports, accountId, 'retention'), pass)
  if (isDone) return
  const other = await ports.postgres.first(sql`
    SELECT 1
    FROM jobs
    WHERE kind = ${retentionJob}
      AND account_id = ${accountId}
      AND id::text <> ${id}`)
  if (!other) await queueAccount(ports, accountId)
}

async function queueAccount({ jobs, postgres }: Ports, accountId: number): Promise<void> {
  await jobs.enqueue(postgres, { kind: retentionJob, accountId, input: {} })
}
