import type { RecordLogStores } from '../stores.ts'
import { AppError } from '../../errors.ts'
import { sql, type Sql } from '../../store/postgres/postgres.ts'
import type { IngestCounts, Command } from '../command.ts'

const keptHours = 72

/**
 * Answers the requests whose Idempotency-Key was answered before: with the first answer, or with a conflict when the
 * request differs. Returns the remaining commands. An answer is valid until its row is deleted, because the key is
 * unique.
 */
export async function answerRepeated(stores: RecordLogStores, accountId: number, group: Command[]): Promise<Command[]> {
  const keys = group.flatMap((command) => command.idempotency?.key ?? [])
  if (keys.length === 0) return group
  const rows = await stores.postgres.query<{ key: string; request_hash: Buffer; answer: IngestCounts }>(sql`
    SELECT key, request_hash, answer
    FROM idempotency_keys
    WHERE account_id = ${accountId}
      AND key = ANY(${keys})`)
  const known = new Map(rows.map((row) => [row.key, row]))
  return group.filter((command) => {
    const first = command.idempotency && known.get(command.idempotency.key)
    if (!command.idempotency || !first) return true
    if (first.request_hash.equals(command.idempotency.requestHash)) command.resolve(first.answer)
    else {
      const rule = 'This Idempotency-Key was used with another request; use a new key for a new request.'
      command.reject(new AppError('CONFLICT', rule, { rule }))
    }
    return false
  })
}

/** An answer to store under its Idempotency-Key, in the same statement as the batch. */
export interface KeptAnswer {
  key: string
  requestHash: Buffer
  answer: unknown
}

/** The member of a commit's WITH clause that stores the answers; undefined when there are none. */
export function keptAnswers(accountId: number, answers: readonly KeptAnswer[], source: Sql): Sql | undefined {
  if (answers.length === 0) return undefined
  const rows = answers.map((entry) => ({ ...entry, requestHash: entry.requestHash.toString('hex') }))
  return sql`
    answers AS (
      INSERT INTO idempotency_keys (account_id, key, request_hash, answer)
      SELECT ${accountId}, kept.key, decode(kept."requestHash", 'hex'), kept.answer
      FROM ${source}, jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS kept (key text, "requestHash" text, answer jsonb)
    )`
}

/** Deletes answers after their retention time. */
export async function forgetAnswers(stores: RecordLogStores): Promise<void> {
  await stores.postgres.run(sql`
    DELETE FROM idempotency_keys
    WHERE created_at <= now() - ${keptHours} * interval '1 hour'`)
}
