import type { Control } from '../../ports.ts'
import type { AccountSettings } from '../accounts/account.ts'
import { createAccount } from '../accounts/createAccount.ts'
import { createKey } from './createKey.ts'
import { checkScopes, type NewKey } from './key.ts'
import { systemControl } from '../accounts/controlContext.ts'

/** A key in the account of this name, which is made when it is new; the program's own verb, not open to keys. */
export async function issueKey(
  ports: Control,
  input: { account: string; name?: string; scopes: readonly string[]; expiresAt?: Date | null } & AccountSettings,
): Promise<NewKey> {
  // Before the account is made: a wrong scope leaves nothing behind.
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
