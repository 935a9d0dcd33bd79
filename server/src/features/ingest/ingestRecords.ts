import { createHash } from 'node:crypto'
import { requireScope, type Context } from '../../context.ts'
import { checkRecord } from '../../domain/checkRecord.ts'
import { collectionNamed, collections } from '../../domain/collections/all.ts'
import type { Collection } from '../../domain/collections/collection.ts'
import { AppError } from '../../errors.ts'
import { requireFreeSpace } from '../../store/files/disk.ts'
import { readBody, type IngestBody } from './readBody.ts'
import { refused, type RecordFault } from '../../recordLog/recordFaults.ts'
import { noCounts, type IndexedWrite, type IngestCounts } from '../../recordLog/command.ts'
import { yieldByTime } from '../../yieldByTime.ts'

export interface IngestRequest {
  /** The name in the path. */
  collection: string
  body: IngestBody
  /** Stores the valid records and lists the others, instead of refusing all. */
  skipsFaults: boolean
  isDryRun: boolean
  /** Whether endpoints are told of what it changes. */
  isAnnounced: boolean
  idempotencyKey: string | undefined
}

/** Takes records in: checked, merged, durable and readable when the promise resolves. */
export async function ingestRecords(context: Context, request: IngestRequest): Promise<IngestCounts> {
  requireScope(context, 'ingest:write')
  const { app, accountId } = context
  const collection = requireCollection(request.collection)
  await requireFreeSpace(app.config.dataDirectory, app.config.minimumFreeBytes)
  const records = await readBody(request.body, bodyLimits(context))
  const { writes, faults } = await checkAll(collection, records)
  if (faults.length > 0 && !request.skipsFaults) throw refused(faults)
  if (records.length === 0) return noCounts()
  return app.ingest.submit(accountId, {
    work: { kind: 'merge', collection, writes, skipsFaults: request.skipsFaults },
    faults,
    isDryRun: request.isDryRun,
    isAnnounced: request.isAnnounced,
    idempotency: idempotencyOf(
      request.idempotencyKey,
      [collection.name, String(request.skipsFaults), String(request.isDryRun), String(request.isAnnounced)],
      request.body.bytes,
    ),
  })
}

export function requireCollection(name: string): Collection {
  const collection = collectionNamed(name)
  if (collection) return collection
  throw new AppError('RESOURCE_NOT_FOUND', `There is no collection ${JSON.stringify(name.slice(0, 64))}.`, {
    rule: `There is no such collection; there are ${collections.map((known) => known.name).join(', ')}.`,
  })
}

export function bodyLimits(context: Context): { bytes: number; records: number } {
  return { bytes: context.app.config.ingestMaxBytes, records: context.app.config.ingestMaxRecords }
}

/** Checks each record by itself; the faults name its place in the request. */
export async function checkAll(
  collection: Collection,
  records: unknown[],
): Promise<{ writes: IndexedWrite[]; faults: RecordFault[] }> {
  const writes: IndexedWrite[] = []
  const faults: RecordFault[] = []
  const pause = yieldByTime()
  for (const [index, record] of records.entries()) {
    const checked = checkRecord(collection, record)
    if (Array.isArray(checked)) faults.push(...checked.map((fault) => ({ index, ...fault })))
    else writes.push({ index, write: checked })
    await pause()
  }
  return { writes, faults }
}

/** The key with a hash of everything that makes the request what it is. */
export function idempotencyOf(
  key: string | undefined,
  parts: string[],
  body: Buffer,
): { key: string; requestHash: Buffer } | undefined {
  if (key === undefined) return undefined
  if (key.length < 1 || key.length > 255) {
    const rule = 'An Idempotency-Key has 1 to 255 characters.'
    throw new AppError('BAD_REQUEST', rule, { rule })
  }
  const requestHash = createHash('sha256').update(JSON.stringify(parts)).update(body).digest()
  return { key, requestHash }
}
