import type { Context } from '../../context.ts'
import { keyHash } from '../../domain/keyHash.ts'
import { formatInstant } from '../../domain/instant.ts'
import { recordJson } from '../../domain/recordJson.ts'
import { effectiveValues, type StoredRecord } from '../../recordLog/storedRecord.ts'

/**
 * A record as returned: its fields, a call's number, the time of its last change and its sequence in the change order.
 */
export type RecordAnswer = Record<string, unknown>

export function recordAnswer(record: StoredRecord): RecordAnswer {
  return {
    ...recordJson(record.collection, effectiveValues(record)),
    ...(record.collection.name === 'calls' ? { number: record.number } : {}),
    createdAt: formatInstant(record.createdAt),
    updatedAt: formatInstant(record.updatedAt),
    sequence: record.seq,
  }
}

/** Returns which of these calls exist and are not deleted. */
export async function knownCalls({ ports, accountId }: Context, callIds: string[]): Promise<Set<string>> {
  if (callIds.length === 0) return new Set()
  const rows = await ports.clickhouse.rows<{ id: string }>(
    `SELECT calls.id AS id
     FROM calls FINAL
     WHERE calls.account_id = {accountId:UInt32}
       AND calls.removed = 0
       AND calls.id IN {callIds:Array(String)}
       AND calls.number IN
       (
         SELECT number
         FROM record_keys
         WHERE account_id = {accountId:UInt32}
           AND collection = 'calls'
           AND id_hash IN {hashes:Array(UInt64)}
       )`,
    { accountId, callIds, hashes: callIds.map(keyHash) },
  )
  return new Set(rows.map((row) => row.id))
}
