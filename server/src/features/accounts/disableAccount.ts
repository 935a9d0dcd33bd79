import type { Control } from '../../control.ts'
import { AppError } from '../../errors.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { announceKeyChange, keyStates } from '../keys/keyStates.ts'
import { recordAudit } from './recordAudit.ts'
import { systemControl } from './control.ts'

/** Stops every key, token and link of the account within a second; its data stays. Nothing happens when it is disabled already. The program's own verb, not open to keys. */
export async function disableAccount(app: Control, input: { name: string }): Promise<void> {
  await app.postgres.transaction(async (tx) => {
    const account = await tx.first<{ id: number }>(sql`SELECT id FROM accounts WHERE name = ${input.name} FOR UPDATE`)
    if (!account) {
      throw new AppError('RESOURCE_NOT_FOUND', 'There is no account of this name; "earshot accounts list" shows all.')
    }
    const changed = await tx.run(sql`
      UPDATE accounts
      SET disabled_at = ${new Date(app.now())}
      WHERE id = ${account.id}
        AND disabled_at IS NULL`)
    if (changed === 0) return
    await recordAudit(tx, systemControl(app, account.id), { action: 'account.disabled', subject: 'account' })
    await announceKeyChange(tx)
  })
  keyStates(app).forget()
}
