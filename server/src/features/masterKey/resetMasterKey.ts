import type { Control } from '../../ports.ts'
import { AppError } from '../../errors.ts'
import { sql, type Queryable } from '../../store/postgres/postgres.ts'
import { systemControl } from '../accounts/controlContext.ts'
import { recordAudit } from '../accounts/recordAudit.ts'
import { announceKeyChange, keyStates } from '../keys/keyStates.ts'
import { newHmacSecret } from '../keys/keyMaterial.ts'
import { newWebhookSecret } from '../webhooks/secret.ts'
import { changeMasterKeys } from './changeMasterKeys.ts'
import { replaceSealed, sealedColumns, sealedSecrets, type SealedColumn } from './sealedSecrets.ts'

/** How many secrets were made anew, by column (`api_keys.hmac_secret`). */
export type ResetSecrets = Record<string, number>

/**
 * Makes every secret anew that the master key does not open: the last resort when the right key is lost for good. Records,
 * users and API keys stay; JWTs, signatures of exports and of webhooks made with the old secrets are no longer valid.
 * Encrypted files stay as they are, unreadable unless the key is found. Throws CONFLICT when every secret opens. The
 * program's own verb, not open to keys.
 */
export async function resetMasterKey(control: Control): Promise<ResetSecrets> {
  const { secrets } = control
  return changeMasterKeys(control, async (tx) => {
    const reset: ResetSecrets = {}
    for (const column of sealedColumns) {
      for await (const { owner, sealed } of sealedSecrets(tx, column)) {
        const purpose = column.purposeOf(owner)
        if (opens(control, sealed, purpose)) continue
        const to = secrets.seal(newSecretFor(column), purpose)
        await replaceSealed(tx, column, { owner, from: sealed, to })
        const name = `${column.table}.${column.column}`
        reset[name] = (reset[name] ?? 0) + 1
      }
    }
    if (Object.keys(reset).length === 0) {
      throw new AppError(
        'CONFLICT',
        'The master key opens every secret; to change it, run "earshot master-key rotate".',
      )
    }
    await auditReset(tx, control, reset)
    await announceKeyChange(tx)
    keyStates(control).forget()
    return reset
  })
}

function opens({ secrets }: Control, sealed: Buffer, purpose: string): boolean {
  try {
    secrets.open(sealed, purpose)
    return true
  } catch {
    return false
  }
}

function newSecretFor({ table }: SealedColumn): string {
  return table === 'webhook_endpoints' ? newWebhookSecret() : newHmacSecret()
}

async function auditReset(tx: Queryable, control: Control, reset: ResetSecrets): Promise<void> {
  for (const { id } of await tx.query<{ id: number }>(sql`SELECT id FROM accounts`)) {
    const event = { action: 'master-key.reset', subject: 'account', details: reset }
    await recordAudit(tx, systemControl(control, id), event)
  }
}
