import type { App } from '../../app.ts'
import { sql } from '../../store/postgres/postgres.ts'
import type { ExportFile } from './export.ts'
import { attemptOf } from './selection.ts'
import { exportLifetimeMs } from './surfaces.ts'

const atOnce = 500
const folder = 'exports/'

/** Removes the exports whose time is over: the files first, so that none is left without a row. */
export async function expireExports(app: App, signal?: AbortSignal): Promise<void> {
  for (;;) {
    const rows = await app.postgres.query<{ id: string; files: ExportFile[]; job_id: string }>(sql`
      SELECT id, files, job_id
      FROM exports
      WHERE created_at <= ${new Date(app.now() - exportLifetimeMs)}
      ORDER BY created_at
      LIMIT ${atOnce}`)
    for (const { id, files, job_id } of rows) {
      signal?.throwIfAborted()
      for (const { key } of files) await app.files.remove(key)
      await app.postgres.transaction(async (tx) => {
        await tx.run(sql`
          DELETE FROM exports
          WHERE id = ${id}`)
        // One that waited for three days without a worker.
        await app.jobs.cancel(tx, job_id)
      })
    }
    if (rows.length < atOnce) return
  }
}

/** Removes what workers that died left behind: files, and views on any node, of attempts that nobody works on. */
export async function sweepExports(app: App, signal?: AbortSignal): Promise<void> {
  for await (const key of app.files.list(folder)) {
    signal?.throwIfAborted()
    const [, exportId = '', attempt] = /^exports\/([0-9a-f-]{36})\/(\d+)\//.exec(key) ?? []
    if (exportId !== '' && !(await isNeeded(app, exportId, Number(attempt)))) await app.files.remove(key)
  }
  // Last, because a node that is away ends it; its views are there when it is back.
  for (const node of app.clickhouse.nodes()) {
    for (const view of await node.views()) {
      signal?.throwIfAborted()
      const attempt = attemptOf(view)
      if (attempt && !(await isWorkedOn(app, attempt))) await node.dropView(view)
    }
  }
}

/** Claiming an attempt comes before anything is made for it, so what has no row is not needed. */
async function isWorkedOn(app: App, { exportId, attempt }: { exportId: string; attempt: number }): Promise<boolean> {
  const row = await app.postgres.first(sql`
    SELECT 1
    FROM exports
    WHERE id = ${exportId}
      AND attempt = ${attempt}
      AND status = 'processing'`)
  return row !== undefined
}

async function isNeeded(app: App, exportId: string, attempt: number): Promise<boolean> {
  const row = await app.postgres.first(sql`
    SELECT 1
    FROM exports
    WHERE id = ${exportId}
      AND attempt = ${attempt}
      AND status IN ('processing', 'completed')`)
  return row !== undefined
}
