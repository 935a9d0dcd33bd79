import type { Ports } from '../../ports.ts'
import { sql, type Queryable } from '../../store/postgres/postgres.ts'
import type { ExportFile } from './export.ts'
import { attemptOf } from './selection.ts'
import { exportLifetimeMs, surfaceRules, type ExportSurface } from './surfaces.ts'

const batchSize = 500
const folder = 'exports/'

/**
 * Deletes expired exports: the files first, so that no file remains without a row. Surfaces with `keptRecords` keep
 * their newest records without files.
 */
export async function expireExports(ports: Ports, signal?: AbortSignal): Promise<void> {
  for (;;) {
    const rows = await ports.postgres.query<ExpiredExport>(sql`
      SELECT id, account_id, surface, files, job_id
      FROM exports
      WHERE created_at <= ${new Date(ports.now() - exportLifetimeMs)}
        AND expired_at IS NULL
      ORDER BY created_at
      LIMIT ${batchSize}`)
    for (const row of rows) {
      signal?.throwIfAborted()
      for (const { key } of row.files) await ports.files.remove(key)
      await ports.postgres.transaction((tx) => expireRow(ports, tx, row))
    }
    if (rows.length < batchSize) return
  }
}

interface ExpiredExport {
  id: string
  account_id: number
  surface: ExportSurface
  files: ExportFile[]
  job_id: string
}

async function expireRow(
  ports: Ports,
  tx: Queryable,
  { id, account_id, surface, job_id }: ExpiredExport,
): Promise<void> {
  const { keptRecords = 0 } = surfaceRules(surface)
  await tx.run(sql`
    UPDATE exports
    SET expired_at = ${new Date(ports.now())},
        files = '[]',
        -- One that waited for three days without a worker.
        status = CASE WHEN status IN ('queued', 'processing') THEN 'failed' ELSE status END,
        error = CASE WHEN status IN ('queued', 'processing') THEN ${tooLate} ELSE error END
    WHERE id = ${id}`)
  await ports.jobs.cancel(tx, job_id)
  await tx.run(sql`
    DELETE FROM exports
    WHERE account_id = ${account_id}
      AND surface = ${surface}
      AND expired_at IS NOT NULL
      AND id NOT IN (
        SELECT id
        FROM exports
        WHERE account_id = ${account_id}
          AND surface = ${surface}
        ORDER BY created_at DESC, id DESC
        LIMIT ${keptRecords}
      )`)
}

const tooLate = 'The export could not be made within 72 hours; start it again.'

/** Deletes files and views that dead workers left behind: those of attempts without a worker. */
export async function sweepExports(ports: Ports, signal?: AbortSignal): Promise<void> {
  for await (const key of ports.files.list(folder)) {
    signal?.throwIfAborted()
    const [, exportId = '', attempt] = /^exports\/([0-9a-f-]{36})\/(\d+)\//.exec(key) ?? []
    if (exportId !== '' && !(await isNeeded(ports, exportId, Number(attempt)))) await ports.files.remove(key)
  }
  // Views come last, because an unavailable node ends the sweep; its views are deleted by a later sweep.
  for (const node of ports.clickhouse.nodes()) {
    for (const view of await node.views()) {
      signal?.throwIfAborted()
      const attempt = attemptOf(view)
      if (attempt && !(await hasWorker(ports, attempt))) await node.dropView(view)
    }
  }
}

/** An attempt is claimed before it creates anything, so a view without a matching row is not needed. */
async function hasWorker(ports: Ports, { exportId, attempt }: { exportId: string; attempt: number }): Promise<boolean> {
  const row = await ports.postgres.first(sql`
    SELECT 1
    FROM exports
    WHERE id = ${exportId}
      AND attempt = ${attempt}
      AND status = 'processing'`)
  return row !== undefined
}

async function isNeeded(ports: Ports, exportId: string, attempt: number): Promise<boolean> {
  const row = await ports.postgres.first(sql`
    SELECT 1
    FROM exports
    WHERE id = ${exportId}
      AND attempt = ${attempt}
      AND status IN ('processing', 'completed')`)
  return row !== undefined
}
