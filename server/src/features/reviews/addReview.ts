import { randomUUID } from 'node:crypto'
import { requireScope, type Actor, type Context } from '../../context.ts'
import { checkRecord } from '../../domain/checkRecord.ts'
import { reviews } from '../../domain/collections/parts.ts'
import { formatInstant } from '../../domain/instant.ts'
import type { Scope } from '../../domain/scopes.ts'
import { AppError } from '../../errors.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { recordAudit } from '../accounts/recordAudit.ts'
import { refusalOf } from '../../recordLog/recordFaults.ts'
import { plainCommand } from '../../recordLog/command.ts'
import { waitUntilReadable } from '../../recordLog/waitUntilReadable.ts'
import { knownCalls } from '../records/record.ts'

/** The range of the score of a review that is added here. */
export const worstScore = 0
export const bestScore = 10

/** A finding of a reviewer: a question with an answer, a score or a comment. */
export interface NewReview {
  callId: string
  question: string
  answer?: string
  score?: number
  comment?: string
}

/** A review as stored, with the field names of the records. */
export interface AddedReview {
  id: string
  callId: string
  questionName: string
  reviewedAt: string
  reviewerId?: string
  reviewerName?: string
  answerName?: string
  score?: number
  comment?: string
}

/**
 * Adds a review by the caller to a call; it is readable when the promise resolves. Throws RESOURCE_NOT_FOUND for an
 * unknown call, VALIDATION_ERROR for an empty review.
 */
export async function addReview(context: Context, input: NewReview): Promise<AddedReview> {
  requireScope(context, neededScope(context.actor))
  const { ports, accountId } = context
  const { callId, question, answer, score, comment } = input
  if (answer === undefined && score === undefined && comment === undefined) {
    throw new AppError('VALIDATION_ERROR', 'A review needs an answer, a score or a comment.')
  }
  await waitUntilReadable(ports, accountId)
  if (!(await knownCalls(context, [callId])).has(callId)) {
    throw new AppError('RESOURCE_NOT_FOUND', `There is no call ${JSON.stringify(callId.slice(0, 128))}.`)
  }
  const review = {
    id: `review-${randomUUID()}`,
    callId,
    questionName: question,
    reviewedAt: formatInstant(ports.now()),
    ...(await reviewerOf(context)),
    ...(answer === undefined ? {} : { answerName: answer }),
    ...(score === undefined ? {} : { score, answerScore: score, worstScore, bestScore }),
    ...(comment === undefined ? {} : { comment }),
    status: 'Completed',
    sampling: 'Focused',
    type: 'Reviewer',
    kind: 'Quality',
  }
  const checked = checkRecord(reviews, review)
  if (Array.isArray(checked)) throw refusalOf(checked)
  const writes = [{ index: 0, write: checked }]
  await ports.recordLog.submit(
    accountId,
    plainCommand({ kind: 'merge', collection: reviews, writes, skipsFaults: false }),
  )
  await recordAudit(ports.postgres, context, {
    action: 'review.added',
    subject: `review:${review.id}`,
    details: { callId },
  })
  return review
}

/** Requires a key that may write records, or a user whose role may do more than read. */
function neededScope(actor: Actor): Scope {
  return actor.kind === 'user' ? 'analytics:export' : 'ingest:write'
}

/** Returns the reviewer: the user, or the key by its name. */
async function reviewerOf({
  ports,
  accountId,
  actor,
}: Context): Promise<{ reviewerId?: string; reviewerName?: string }> {
  if (actor.kind === 'system') return {}
  const row = await ports.postgres.first<{ id: string; name: string }>(
    actor.kind === 'user'
      ? sql`
          SELECT id, name
          FROM users
          WHERE account_id = ${accountId}
            AND id = ${actor.userId}`
      : sql`
          SELECT id, name
          FROM api_keys
          WHERE account_id = ${accountId}
            AND id = ${actor.keyId}`,
  )
  if (!row) return {}
  return { reviewerId: row.id, ...(row.name === '' ? {} : { reviewerName: row.name }) }
}
