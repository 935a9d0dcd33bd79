import type { Control } from '../../ports.ts'
import { AppError } from '../../errors.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { announceKeyChange, keyStates } from '../keys/keyStates.ts'
import { recordAudit } from './recordAudit.ts'
import { systemControl } from './controlContext.ts'

/**
 * Stops every key, token and link of the account within a second; its data stays. Does nothing if it is disabled
 * already. Internal; not available to API keys.
 */
export async function disableAccount(ports: Control, input: { name: string }): Promise<void> {
  await ports.postgres.transaction(async (tx) => {
    const account = await tx.first<{ id: number }>(sql`SELECT id FROM accounts WHERE name = ${input.name} FOR UPDATE`)
    if (!account) {
      throw new AppError('RESOURCE_NOT_FOUND', 'There is no account of this name; "earshot accounts list" shows all.')
    }
    const changed = await tx.run(sql`
      UPDATE accounts
      SET disabled_at = ${new Date(ports.now())}
      WHERE id = ${account.id}
        AND disabled_at IS NULL`)
    if (changed === 0) return
    await recordAudit(tx, systemControl(ports, account.id), { action: 'account.disabled', subject: 'account' })
    await announceKeyChange(tx)
  })
  keyStates(ports).forget()
}
