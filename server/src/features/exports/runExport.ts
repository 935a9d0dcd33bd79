import type { Ports } from '../../ports.ts'
import { messageOf } from '../../errors.ts'
import type { ClickHouseView } from '../../store/clickhouse/clickhouse.ts'
import type { HeldJob } from '../../store/jobs/jobs.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { holdCommits } from '../../recordLog/holdCommits.ts'
import type { Watermark } from '../../recordLog/watermark.ts'
import { datasetOf } from './datasets/all.ts'
import { ExportRefusal, type Dataset, type Plan } from './datasets/dataset.ts'
import { gzipped } from './formats/gzip.ts'
import { endExport } from './endExport.ts'
import { exportFrom, exportJobInput, type Export, type ExportFile, type ExportRow } from './export.ts'
import { failExport } from './failExport.ts'
import { fileNameOf } from './fileName.ts'
import type { Column } from './formats/columns.ts'
import type { Format } from './formats/format.ts'
import { reportProgress, type Progress } from './progress.ts'
import { rowStream } from './rowStream.ts'
import { fillTable, fillSelection, viewName, type FilledSelection } from './selection.ts'
import { surfaceRules } from './surfaces.ts'

/** A file to create. */
interface Part {
  dataset: Dataset
  format: Format
  plan: Plan
  /** Names of the requested columns, in their order; all by default. */
  columns: string[] | undefined
}

/** An export that this attempt works on. */
type ClaimedExport = Export & { accountName: string }

/** A file to create, with its rows selected. */
type SelectedPart = Part & { selection: FilledSelection }

const sharedTable = 'base'

/**
 * The export job: takes a view of all records at one moment, writes the files from it, then completes the row in one
 * guarded statement. It may be run again from the start; a worker that lost its lease changes nothing.
 */
export async function runExport(ports: Ports, job: HeldJob): Promise<void> {
  const { exportId } = exportJobInput.parse(job.input)
  const claimed = await claimExport(ports, exportId, job)
  // The export was completed before its job ended, or it was cancelled or deleted.
  if (!claimed) return
  try {
    await makeFiles(ports, job, claimed)
  } catch (error) {
    job.signal.throwIfAborted()
    if (!(error instanceof ExportRefusal)) throw error
    ports.log.info({ exportId, reason: error.message }, 'the request of an export cannot be fulfilled')
    await failExport(ports, job, error)
  }
}

async function claimExport(ports: Ports, exportId: string, job: HeldJob): Promise<ClaimedExport | undefined> {
  const row = await ports.postgres.first<ExportRow & { account_name: string }>(sql`
    UPDATE exports
    SET status = 'processing',
        attempt = ${job.attempt},
        progress = 0,
        started_at = coalesce(started_at, ${new Date(ports.now())})
    WHERE account_id = ${job.accountId}
      AND id = ${exportId}
      AND status IN ('queued', 'processing')
      AND attempt < ${job.attempt}
    RETURNING *, (SELECT name FROM accounts WHERE id = exports.account_id) AS account_name`)
  return row && { ...exportFrom(row), accountName: row.account_name }
}

async function makeFiles(ports: Ports, job: HeldJob, claimed: ClaimedExport): Promise<void> {
  const parts = partsOf(claimed)
  const progress = reportProgress(ports, { exportId: claimed.id, attempt: job.attempt })
  const view = await ports.clickhouse.view(viewName(claimed.id, job.attempt), tablesOf(parts))
  const files: ExportFile[] = []
  let removableFiles = files
  try {
    const watermark = await holdCommits(ports, job.accountId, () => view.take())
    const selected = await selectAll(view, job, { claimed, parts, watermark })
    const totalRows = selected.reduce((sum, { selection }) => sum + selection.totalRows, 0)
    progress.selected(selected.reduce((sum, { selection }) => sum + selection.rowCount, 0))
    for (const part of selected) files.push(await writeFile(ports, job, part, { claimed, view, progress }))
    await progress.end()
    job.signal.throwIfAborted()
    // If the answer to this statement is lost, the export may be complete, so the files stay; the sweep deletes files
    // that no row names.
    removableFiles = []
    if (!(await completeExport(ports, job, claimed, { files, totalRows }))) removableFiles = files
  } finally {
    await progress.end()
    await cleanUp(ports, view, removableFiles)
  }
}

function partsOf({ request }: Export): Part[] {
  return request.datasets.map((name) => {
    const dataset = datasetOf(name)
    const format = dataset.formats[request.format]
    if (!format) throw new ExportRefusal(`The dataset ${name} does not come as ${request.format}.`)
    return { dataset, format, plan: dataset.plan(request.parameters), columns: request.columns?.[name] }
  })
}

function tablesOf(parts: Part[]): string[] {
  return [...new Set(parts.flatMap(({ plan }) => [...plan.tables, ...(plan.base?.tables ?? [])]))]
}

/** Selects the rows of all files before any file is written, so that progress knows the number of rows. */
async function selectAll(
  view: ClickHouseView,
  { accountId, signal }: HeldJob,
  { claimed, parts, watermark }: { claimed: Export; parts: Part[]; watermark: Watermark },
): Promise<SelectedPart[]> {
  const base = parts.find(({ plan }) => plan.base)?.plan.base
  if (base) {
    const bounds = { accountId, watermark, rowLimit: undefined }
    await fillTable(view, sharedTable, base.select(bounds, claimed.request.datasets))
  }
  const selected: SelectedPart[] = []
  for (const [index, part] of parts.entries()) {
    signal.throwIfAborted()
    const { columns: wanted, dataset } = part
    const bounds = { accountId, watermark, rowLimit: dataset.rowLimit, columns: wanted, baseTable: sharedTable }
    const selection = await fillSelection(view, part.plan, bounds, `selection_${index}`)
    const columns = wantedColumns(part, selection.columns)
    selected.push({ ...part, selection: { ...selection, columns } })
  }
  return selected
}

/** Returns the requested columns; a column that only some files have is empty in this file when its rows lack it. */
function wantedColumns({ columns }: Part, all: Column[]): Column[] {
  const byName = new Map(all.map((column) => [column.header, column]))
  return columns?.map((header) => byName.get(header) ?? { header, type: 'text', sql: "''" }) ?? all
}

async function writeFile(
  { files }: Ports,
  { attempt, signal }: HeldJob,
  { dataset, format, plan, selection }: SelectedPart,
  { claimed, view, progress }: { claimed: ClaimedExport; view: ClickHouseView; progress: Progress },
): Promise<ExportFile> {
  const { table, columns, rowCount } = selection
  const isCompressed = claimed.request.compression === 'gzip'
  const extension = isCompressed ? `${format.extension}.gz` : format.extension
  // The key contains the attempt, so a worker that lost its lease cannot overwrite the file of its successor.
  const key = `exports/${claimed.id}/${attempt}/${dataset.name}.${extension}`
  const onRows = progress.file()
  const reader = rowStream(view, table, columns.length)
  const content = format.write({ clickhouse: reader, table, columns, rowCount, signal, onRows })
  const { bytes, sha256 } = await files.put(key, isCompressed ? gzipped(content) : content, signal)
  const name = `${fileNameOf(claimed, dataset.name, plan, claimed.accountName)}.${extension}`
  const contentType = isCompressed ? 'application/gzip' : format.contentType
  return { dataset: dataset.name, key, name, contentType, bytes, sha256, rowCount }
}

/** Returns false when another worker has claimed the export, or it was cancelled. */
async function completeExport(
  ports: Ports,
  job: HeldJob,
  { id, surface }: Export,
  { files, totalRows }: { files: ExportFile[]; totalRows: number },
): Promise<boolean> {
  const completedAt = ports.now()
  const { linkLifetimeMs, linksBeginWith } = surfaceRules(surface)
  const rowCount = files.reduce((sum, file) => sum + file.rowCount, 0)
  return endExport(
    ports,
    sql`
    UPDATE exports
    SET status = 'completed',
        progress = 100,
        files = ${JSON.stringify(files)}::jsonb,
        total_rows = ${totalRows},
        truncated = ${totalRows > rowCount},
        completed_at = ${new Date(completedAt)},
        expires_at = ${linksBeginWith === 'completion' ? new Date(completedAt + linkLifetimeMs) : null}
    WHERE account_id = ${job.accountId}
      AND id = ${id}
      AND attempt = ${job.attempt}
      AND status = 'processing'
    RETURNING *`,
  )
}

/** The sweep deletes what cannot be removed now. */
async function cleanUp(ports: Ports, view: ClickHouseView, removableFiles: ExportFile[]): Promise<void> {
  const removals = [view.drop(), ...removableFiles.map(({ key }) => ports.files.remove(key))]
  for (const result of await Promise.allSettled(removals)) {
    if (result.status === 'fulfilled') continue
    ports.log.warn({ reason: messageOf(result.reason) }, 'remains of an export not removed; the sweep tries again')
  }
}
