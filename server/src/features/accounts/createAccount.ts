import { randomBytes, randomUUID } from 'node:crypto'
import type { Control } from '../../ports.ts'
import { sql, type Queryable } from '../../store/postgres/postgres.ts'
import { jwtPurpose } from '../keys/keyMaterial.ts'
import { keepMasterKeys } from '../masterKey/changeMasterKeys.ts'
import {
  accountFrom,
  checkAccountName,
  checkedSettings,
  type Account,
  type AccountRow,
  type AccountSettings,
} from './account.ts'
import { recordAudit } from './recordAudit.ts'
import { changeSettings } from './updateAccount.ts'
import { systemControl } from './controlContext.ts'

/**
 * Returns the account with this name and creates it if needed; given settings are applied to an existing account too.
 * Internal; not available to API keys.
 */
export async function createAccount(
  ports: Control,
  input: { name: string } & Omit<AccountSettings, 'retention'>,
): Promise<Account> {
  checkAccountName(input.name)
  const settings = checkedSettings(input)
  return ports.postgres.transaction(async (tx) => {
    const made = await insertAccount(ports, tx, input.name, settings)
    if (made) {
      const account = accountFrom(made)
      await recordAudit(tx, systemControl(ports, account.id), {
        action: 'account.created',
        subject: 'account',
        details: { name: account.name, timezone: account.timezone, country: account.country },
      })
      return account
    }
    const [there] = await tx.query<{ id: number }>(sql`SELECT id FROM accounts WHERE name = ${input.name}`)
    if (!there) throw new Error('An account that was there a moment ago is gone.')
    return changeSettings(tx, systemControl(ports, there.id), settings)
  })
}

async function insertAccount(
  ports: Control,
  tx: Queryable,
  name: string,
  settings: AccountSettings,
): Promise<AccountRow | undefined> {
  const accountUuid = randomUUID()
  await keepMasterKeys(tx)
  const jwtSecret = ports.secrets.seal(randomBytes(32).toString('base64url'), jwtPurpose(accountUuid))
  return tx.first<AccountRow>(sql`
    INSERT INTO accounts (name, account_uuid, context_uuid, timezone, country, jwt_secret, created_at)
    VALUES (
      ${name},
      ${accountUuid},
      ${randomUUID()},
      ${settings.timezone ?? 'UTC'},
      ${settings.country ?? null},
      ${jwtSecret},
      ${new Date(ports.now())}
    )
    ON CONFLICT (name) DO NOTHING
    RETURNING *`)
}
