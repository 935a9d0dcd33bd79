import type { Ports } from '../../ports.ts'
import { formatInstant } from '../../domain/instant.ts'
import type { Sql } from '../../store/postgres/postgres.ts'
import { announceEvent, type Announcement } from '../webhooks/announce.ts'
import { exportFrom, type Export, type ExportRow } from './export.ts'

/**
 * Ends an export with a guarded statement that returns its row, and announces it in the same transaction. Returns false
 * when the statement changed nothing.
 */
export async function endExport(ports: Ports, update: Sql): Promise<boolean> {
  return ports.postgres.transaction(async (tx) => {
    const row = await tx.first<ExportRow>(update)
    if (!row) return false
    const now = ports.now()
    await announceEvent(tx, { accountId: row.account_id, now }, announcementOf(exportFrom(row), now))
    return true
  })
}

/** The event has no links, because they would outlive the receiver's permission to request them. */
function announcementOf(ended: Export, now: number): Announcement {
  const { id, request, status, files, totalRows, truncated, error, createdAt, completedAt } = ended
  const isCompleted = status === 'completed'
  const data = {
    export_id: id,
    datasets: request.datasets,
    format: request.format,
    status,
    row_count: isCompleted ? files.reduce((sum, file) => sum + file.rowCount, 0) : null,
    total_rows: totalRows ?? null,
    truncated: truncated ?? null,
    files: files.map(({ dataset, name, contentType, bytes, sha256, rowCount }) => ({
      dataset,
      name,
      content_type: contentType,
      bytes,
      sha256,
      row_count: rowCount,
    })),
    error: error ?? null,
    created_at: formatInstant(createdAt.getTime()),
    completed_at: completedAt ? formatInstant(completedAt.getTime()) : null,
  }
  return { type: isCompleted ? 'export.completed' : 'export.failed', data, at: now }
}
