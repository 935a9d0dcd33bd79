import { AppError } from '../../errors.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { recordAudit } from '../accounts/recordAudit.ts'
import { announceKeyChange, keyStates } from './keyStates.ts'
import { type ControlContext, requireControlScope } from '../accounts/controlContext.ts'

/** Revokes a key and its tokens at once in every process; does nothing for a revoked key. */
export async function revokeKey(context: ControlContext, input: { keyId: string }): Promise<void> {
  requireControlScope(context, 'admin')
  await context.ports.postgres.transaction(async (tx) => {
    const key = await tx.first<{ revoked_at: Date | null }>(sql`
      SELECT revoked_at
      FROM api_keys
      WHERE account_id = ${context.accountId}
        AND id = ${input.keyId}
      FOR UPDATE`)
    if (!key) throw new AppError('RESOURCE_NOT_FOUND', 'There is no such API key.')
    if (key.revoked_at) return
    await tx.run(sql`
      UPDATE api_keys
      SET revoked_at = ${new Date(context.ports.now())}
      WHERE account_id = ${context.accountId}
        AND id = ${input.keyId}`)
    await recordAudit(tx, context, { action: 'key.revoked', subject: `key:${input.keyId}` })
    await announceKeyChange(tx)
  })
  // This process clears its cache directly instead of waiting for the notification.
  keyStates(context.ports).forget()
}
