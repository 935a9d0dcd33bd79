import { createHash } from 'node:crypto'
import { requireScope, type Context } from '../../context.ts'
import { collectionNamed, collections } from '../../domain/collections/all.ts'
import type { Collection } from '../../domain/collections/collection.ts'
import { AppError } from '../../errors.ts'
import { checkBody } from './checkBody.ts'
import type { IngestBody } from './inflateBody.ts'
import { noCounts, type IngestCounts } from '../../recordLog/command.ts'
import { yieldByTime } from '../../yieldByTime.ts'

export interface IngestRequest {
  /** The collection name in the path. */
  collection: string
  body: IngestBody
  /** Stores the valid records and reports the others, instead of refusing all. */
  skipsFaults: boolean
  isDryRun: boolean
  /** Whether webhook endpoints receive events about the changes. */
  isAnnounced: boolean
  idempotencyKey: string | undefined
}

/** Stores records; when the promise resolves they are checked, merged, durable and readable. */
export async function ingestRecords(context: Context, request: IngestRequest): Promise<IngestCounts> {
  requireScope(context, 'ingest:write')
  const { ports, accountId } = context
  const collection = requireCollection(request.collection)
  const { writes, faults } = await checkBody(context, collection, request.body, request)
  if (faults.records > 0 && !request.skipsFaults) throw faults.refusal()
  if (writes.length + faults.records === 0) return noCounts()
  return ports.recordLog.submit(accountId, {
    work: { kind: 'merge', collection, writes, skipsFaults: request.skipsFaults },
    faults,
    isDryRun: request.isDryRun,
    isAnnounced: request.isAnnounced,
    idempotency: await idempotencyOf(
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

/** Returns the idempotency key with a hash over everything that distinguishes the request. */
export async function idempotencyOf(
  key: string | undefined,
  parts: string[],
  body: Buffer,
): Promise<{ key: string; requestHash: Buffer } | undefined> {
  if (key === undefined) return undefined
  if (key.length < 1 || key.length > 255) {
    const rule = 'An Idempotency-Key has 1 to 255 characters.'
    throw new AppError('BAD_REQUEST', rule, { rule })
  }
  const hash = createHash('sha256').update(JSON.stringify(parts))
  const pause = yieldByTime()
  for (let at = 0; at < body.length; at += hashedBytes) {
    hash.update(body.subarray(at, at + hashedBytes))
    await pause()
  }
  return { key, requestHash: hash.digest() }
}

/** Bytes hashed before the function checks whether it should yield. */
const hashedBytes = 1024 * 1024
