import type { Ports } from '../../ports.ts'
import { AppError, messageOf } from '../../errors.ts'
import type { HeldJob } from '../../store/jobs/jobs.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { ExportRefusal } from './datasets/dataset.ts'
import { endExport } from './endExport.ts'
import { exportJobInput } from './export.ts'

/** Marks an export as failed; changes nothing when it has ended or a later attempt has claimed it. */
export async function failExport(ports: Ports, job: HeldJob, error: unknown): Promise<void> {
  const { exportId } = exportJobInput.parse(job.input)
  await endExport(
    ports,
    sql`
    UPDATE exports
    SET status = 'failed',
        attempt = ${job.attempt},
        error = ${failureText(error)},
        completed_at = ${new Date(ports.now())}
    WHERE account_id = ${job.accountId}
      AND id = ${exportId}
      AND attempt <= ${job.attempt}
      AND status IN ('queued', 'processing')
    RETURNING *`,
  )
}

/** Returns the user's message: what is wrong and what would help, without internal details. */
function failureText(error: unknown): string {
  if (error instanceof ExportRefusal) return error.message
  if (error instanceof AppError && error.code !== 'INTERNAL_ERROR') return error.message
  const reason = messageOf(error)
  if (/MEMORY_LIMIT_EXCEEDED|memory limit/i.test(reason)) {
    return (
      'The export needs more memory than the call data store may use; choose a shorter period or a filter, ' +
      'or have the operator raise EARSHOT_CLICKHOUSE_MEMORY_BYTES.'
    )
  }
  if (/NOT_ENOUGH_SPACE|No space left on device/i.test(reason)) {
    return "The server's disk is full; start the export again when its operator has made space."
  }
  return 'The export failed for an internal reason; start it again. If that fails too, its operator finds why in the log.'
}
