import { requireScope, type Context } from '../../context.ts'
import { partCollections } from '../../domain/collections/all.ts'
import type { Collection } from '../../domain/collections/collection.ts'
import { AppError } from '../../errors.ts'
import { requireCollection } from '../ingest/ingestRecords.ts'
import { waitUntilReadable } from '../../recordLog/waitUntilReadable.ts'
import { readRecordWithParts } from '../../recordLog/readRecords.ts'
import type { StoredRecord } from '../../recordLog/storedRecord.ts'
import { knownCalls, recordAnswer, type RecordAnswer } from './record.ts'

/**
 * Reads a record by its key, a call with the parts in `include` (`turns`, `engagements`, `evaluations`, `surveys`,
 * `reviews`). Throws RESOURCE_NOT_FOUND for an unknown or deleted record, or a part without its call.
 */
export async function getRecord(
  context: Context,
  request: { collection: string; key: string; include: string[] },
): Promise<RecordAnswer> {
  requireScope(context, 'calls:read')
  await waitUntilReadable(context.ports, context.accountId)
  const collection = requireCollection(request.collection)
  const included = includedParts(collection, request.include)
  const { ports, accountId } = context
  const { key } = request
  const records = await readRecordWithParts(ports.clickhouse, accountId, { collection, key, parts: included })
  const found = records.find((record) => record.collection === collection && record.key === key)
  const isVisible = found && (!collection.isPart || (await knownCalls(context, [String(found.callId)])).size > 0)
  if (!isVisible)
    throw new AppError('RESOURCE_NOT_FOUND', `There is no record ${JSON.stringify(key)} in ${collection.name}.`)
  return { ...recordAnswer(found), ...partAnswers(records, included) }
}

function includedParts(collection: Collection, include: string[]): readonly Collection[] {
  if (include.length > 0 && collection.name !== 'calls') {
    throw new AppError('BAD_REQUEST', 'include is for calls; other records have no parts.')
  }
  return include.map((name) => {
    const part = partCollections.find((candidate) => candidate.name === name)
    if (part) return part
    const names = partCollections.map((candidate) => candidate.name).join(', ')
    throw new AppError('BAD_REQUEST', `include names ${JSON.stringify(name)}; it takes ${names}, separated by commas.`)
  })
}

/** Lists by name; an evaluation and a survey are one each, or null. */
function partAnswers(records: StoredRecord[], included: readonly Collection[]): RecordAnswer {
  const answers: RecordAnswer = {}
  for (const part of included) {
    const own = records.filter((record) => record.collection === part)
    if (part.key === 'callId') answers[part.name.slice(0, -1)] = own[0] ? recordAnswer(own[0]) : null
    else answers[part.name] = own.sort(inOrder).map(recordAnswer)
  }
  return answers
}

/** Turns by time; turns with equal times keep the order in which they were first sent. */
function inOrder(left: StoredRecord, right: StoredRecord): number {
  return Number(left.values['at'] ?? 0) - Number(right.values['at'] ?? 0) || left.firstSeq - right.firstSeq
}
