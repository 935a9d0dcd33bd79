import { wakeDeliveries } from '../webhooks/wakeDeliveries.ts'
import type { Control } from '../../ports.ts'
import { AppError } from '../../errors.ts'
import { sql } from '../../store/postgres/postgres.ts'
import { announceKeyChange, keyStates } from '../keys/keyStates.ts'
import { recordAudit } from './recordAudit.ts'
import { systemControl } from './controlContext.ts'

/** Enables the account's keys again. Does nothing if it is not disabled. Internal; not available to API keys. */
export async function enableAccount(ports: Control, input: { name: string }): Promise<void> {
  await ports.postgres.transaction(async (tx) => {
    const account = await tx.first<{ id: number }>(sql`SELECT id FROM accounts WHERE name = ${input.name} FOR UPDATE`)
    if (!account) {
      throw new AppError('RESOURCE_NOT_FOUND', 'There is no account of this name; "earshot accounts list" shows all.')
    }
    const changed = await tx.run(sql`
      UPDATE accounts
      SET disabled_at = NULL
      WHERE id = ${account.id}
        AND disabled_at IS NOT NULL`)
    if (changed === 0) return
    await recordAudit(tx, systemControl(ports, account.id), { action: 'account.enabled', subject: 'account' })
    await announceKeyChange(tx)
    await wakeDeliveries(tx)
  })
  keyStates(ports).forget()
}
