import type { Ports } from '../../ports.ts'
import { sql } from '../../store/postgres/postgres.ts'

/** The jobs of a kind: how many wait, run and have failed before, and when the oldest waiting one was due. */
export interface JobCounts {
  kind: string
  waiting: number
  running: number
  failing: number
  oldest: Date | null
}

/** Counts jobs by kind, of one account or of all. */
export async function countJobs({ postgres }: Pick<Ports, 'postgres'>, accountId?: number): Promise<JobCounts[]> {
  return postgres.query(sql`
    SELECT
      kind,
      count(*) FILTER (WHERE worker IS NULL) AS waiting,
      count(*) FILTER (WHERE worker IS NOT NULL) AS running,
      count(*) FILTER (WHERE failures > 0) AS failing,
      min(run_at) FILTER (WHERE worker IS NULL) AS oldest
    FROM jobs
    ${accountId === undefined ? sql`` : sql`WHERE account_id = ${accountId}`}
    GROUP BY kind
    ORDER BY kind`)
}
