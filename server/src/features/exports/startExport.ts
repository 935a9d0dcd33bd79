import { createHash, randomUUID } from 'node:crypto'
import { requireScope, type Context } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { sql, type Queryable } from '../../store/postgres/postgres.ts'
import { datasetOf } from './datasets/all.ts'
import { exportFrom, type Export, type ExportRequest, type ExportRow } from './export.ts'
import type { ExportSurface } from './surfaces.ts'

export interface StartExport extends ExportRequest {
  surface: ExportSurface
  /** A repetition with the same key gets the export that the first request started. */
  idempotencyKey: string | undefined
  /** What the caller sent, where the request holds what was found by it: a repetition is told by this. */
  asked?: unknown
}

/**
 * Starts an export. Its row and its job are committed together before this returns, so that what is acknowledged is
 * done. Throws DISK_FULL; BAD_REQUEST for an idempotency key that is none, CONFLICT when it was used with another request.
 */
export async function startExport(context: Context, start: StartExport): Promise<Export> {
  requireScope(context, 'analytics:export')
  const { ports } = context
  const { datasets, format, parameters, compression, columns, idempotencyKey } = start
  if (idempotencyKey !== undefined && (idempotencyKey.length < 1 || idempotencyKey.length > 255)) {
    throw new AppError('BAD_REQUEST', 'An Idempotency-Key has 1 to 255 characters.')
  }
  const request: ExportRequest = { datasets, format, parameters, compression, columns }
  for (const dataset of datasets.map(datasetOf)) {
    if (!dataset.formats[format]) throw new Error(`The dataset ${dataset.name} has no format ${format}.`)
    dataset.plan(parameters)
  }
  const started = await ports.postgres.transaction((tx) => insertExport(context, tx, start, request))
  return started ?? (await firstStarted(context, start, request))
}

/** The new export; undefined when its idempotency key is taken. */
async function insertExport(
  { ports, accountId }: Context,
  tx: Queryable,
  { surface, idempotencyKey, asked }: StartExport,
  request: ExportRequest,
): Promise<Export | undefined> {
  const id = randomUUID()
  const jobId = await ports.jobs.enqueue(tx, { kind: 'export', accountId, input: { exportId: id } })
  const row = await tx.first<ExportRow>(sql`
    INSERT INTO exports (id, account_id, surface, request, job_id, created_at, idempotency_key, request_hash)
    VALUES (
      ${id}, ${accountId}, ${surface}, ${JSON.stringify(request)}::jsonb, ${jobId}, ${new Date(ports.now())},
      ${idempotencyKey ?? null}, ${hashOf(asked ?? request)}
    )
    ON CONFLICT (account_id, surface, idempotency_key) WHERE idempotency_key IS NOT NULL DO NOTHING
    RETURNING *`)
  if (row) return exportFrom(row)
  await ports.jobs.cancel(tx, jobId)
  return undefined
}

async function firstStarted(
  { ports, accountId }: Context,
  { surface, idempotencyKey, asked }: StartExport,
  request: ExportRequest,
): Promise<Export> {
  const row = await ports.postgres.first<ExportRow & { request_hash: Buffer }>(sql`
    SELECT *
    FROM exports
    WHERE account_id = ${accountId}
      AND surface = ${surface}
      AND idempotency_key = ${idempotencyKey}`)
  if (row?.request_hash.equals(hashOf(asked ?? request))) return exportFrom(row)
  throw new AppError('CONFLICT', 'This Idempotency-Key was used with another request; use a new key for a new request.')
}

function hashOf(request: unknown): Buffer {
  return createHash('sha256').update(JSON.stringify(request)).digest()
}
