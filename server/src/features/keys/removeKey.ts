import { sql } from '../../store/postgres/postgres.ts'
import { requireControlScope, type ControlContext } from '../accounts/controlContext.ts'
import { recordAudit } from '../accounts/recordAudit.ts'
import { announceKeyChange, keyStates } from './keyStates.ts'

/** Deletes a key that a command created for its own use, so that no list shows it; the audit log keeps the record. */
export async function removeKey(context: ControlContext, input: { keyId: string }): Promise<void> {
  requireControlScope(context, 'admin')
  await context.ports.postgres.transaction(async (tx) => {
    await tx.run(sql`
      DELETE FROM api_keys
      WHERE account_id = ${context.accountId}
        AND id = ${input.keyId}`)
    await recordAudit(tx, context, { action: 'key.removed', subject: `key:${input.keyId}` })
    await announceKeyChange(tx)
  })
  keyStates(context.ports).forget()
}
