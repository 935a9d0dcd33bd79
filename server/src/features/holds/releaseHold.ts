import { requireScope, type Context } from '../../context.ts'
import { AppError } from '../../errors.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { recordAudit } from '../accounts/recordAudit.ts'
import { syncHoldFlag } from './syncHoldFlag.ts'

/** Releases the legal hold on a call. Throws RESOURCE_NOT_FOUND without one. */
export async function releaseHold(context: Context, input: { callId: string }): Promise<void> {
  requireScope(context, 'admin')
  const { ports, accountId } = context
  await ports.postgres.transaction(async (tx) => {
    const released = await tx.run(sql`
      UPDATE legal_holds
      SET released_at = ${new Date(ports.now())},
          is_synced = false
      WHERE account_id = ${accountId}
        AND call_id = ${input.callId}
        AND released_at IS NULL`)
    if (released === 0) {
      const name = JSON.stringify(input.callId.slice(0, 128))
      throw new AppError('RESOURCE_NOT_FOUND', `The call ${name} is under no legal hold.`)
    }
    await recordAudit(tx, context, { action: 'hold.released', subject: `call:${input.callId}` })
  })
  await syncHoldFlag(context, input.callId)
}
