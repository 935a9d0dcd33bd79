import type { Control } from '../../ports.ts'
import type { AccountSettings } from '../accounts/account.ts'
import { createAccount } from '../accounts/createAccount.ts'
import { createKey } from './createKey.ts'
import { checkScopes, type NewKey } from './key.ts'
import { systemControl } from '../accounts/controlContext.ts'

/**
 * Creates a key in the account with this name and creates the account if it is new. Internal; not available to API
 * keys.
 */
export async function issueKey(
  ports: Control,
  input: { account: string; name?: string; scopes: readonly string[]; expiresAt?: Date | null } & AccountSettings,
): Promise<NewKey> {
  // Scopes are checked before the account is created, so that an invalid scope leaves nothing behind.
  checkScopes(input.scopes)
  const account = await createAccount(ports, {
    name: input.account,
    timezone: input.timezone,
    country: input.country,
  })
  return createKey(systemControl(ports, account.id), {
    name: input.name ?? 'API key',
    scopes: input.scopes,
    expiresAt: input.expiresAt,
  })
}
