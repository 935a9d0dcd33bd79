import { requireScope, type Context } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { actorName, recordAudit } from '../accounts/recordAudit.ts'
import { recordedCalls } from '../recordings/recordedCall.ts'
import { holdFrom, type Hold, type HoldRow } from './hold.ts'
import { syncHoldFlag } from './syncHoldFlag.ts'

/**
 * Puts a call under a legal hold: after the answer nothing deletes the call, its parts or its recording. A call that is
 * already held gets the new reason. Throws RESOURCE_NOT_FOUND.
 */
export async function setHold(context: Context, input: { callId: string; reason: string }): Promise<Hold> {
  requireScope(context, 'admin')
  const { ports, accountId, actor } = context
  const { callId, reason } = input
  if (!(await recordedCalls(context, [callId])).has(callId)) {
    throw new AppError('RESOURCE_NOT_FOUND', `There is no call ${JSON.stringify(callId.slice(0, 128))}.`)
  }
  const row = await ports.postgres.transaction(async (tx) => {
    const set = await tx.first<HoldRow>(sql`
      INSERT INTO legal_holds AS held (account_id, call_id, reason, set_by, set_at)
      VALUES (${accountId}, ${callId}, ${reason}, ${actorName(actor)}, ${new Date(ports.now())})
      ON CONFLICT (account_id, call_id) DO UPDATE
      SET reason = excluded.reason,
          set_by = CASE WHEN held.released_at IS NULL THEN held.set_by ELSE excluded.set_by END,
          set_at = CASE WHEN held.released_at IS NULL THEN held.set_at ELSE excluded.set_at END,
          released_at = NULL,
          is_synced = false
      RETURNING *`)
    if (!set) throw new Error('A hold that was just written is not there.')
    await recordAudit(tx, context, { action: 'hold.set', subject: `call:${callId}`, details: { reason } })
    return set
  })
  await syncHoldFlag(context, callId)
  return holdFrom(row)
}
