import { createHash, randomUUID } from 'node:crypto'
import { requireScope, type Context } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { sql, type Queryable } from '../../store/postgres/postgres.ts'
import { datasetOf } from './datasets/all.ts'
import { exportFrom, type Export, type ExportRequest, type ExportRow } from './export.ts'
import type { ExportSurface } from './surfaces.ts'

export interface StartExport extends ExportRequest {
  surface: ExportSurface
  /** A repeated request with the same key returns the export of the first one. */
  idempotencyKey: string | undefined
  /** What the client sent, if `parameters` were derived from it; repeated requests are recognized by this. */
  asked?: unknown
}

/**
 * Starts an export. Its row and its job are committed together before this returns, so that an acknowledged export is
 * carried out. Throws DISK_FULL, BAD_REQUEST for an invalid idempotency key, CONFLICT when the key was used with
 * another request.
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
  return started ?? (await findFirstExport(context, start, request))
}

/** Inserts the export; returns undefined when its idempotency key is in use. */
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

async function findFirstExport(
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
