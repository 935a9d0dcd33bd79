import { randomUUID } from 'node:crypto'
import type { Scope } from '../../domain/scopes.ts'
import { AppError } from '../../errors.ts'
import { sql, type Queryable } from '../../store/postgres/postgres.ts'
import { keyFrom, type KeyRow, type NewKey } from './key.ts'
import { hmacPurpose, jwtPurpose, keyHash, newApiKey, newHmacSecret, prefixOf } from './keyMaterial.ts'
import { importJwtKey } from './keyStates.ts'
import { makeToken } from './token.ts'
import { type ControlContext } from '../accounts/controlContext.ts'

interface AccountKeys {
  name: string
  account_uuid: string
  context_uuid: string
  jwt_secret: Buffer
  disabled_at: Date | null
}

/** Generates and stores a key with its secrets in the caller's transaction. */
export async function insertKey(
  tx: Queryable,
  context: ControlContext,
  input: { name: string; scopes: readonly Scope[]; expiresAt: Date | null },
): Promise<NewKey> {
  const { ports, accountId } = context
  const account = await tx.first<AccountKeys>(sql`
    SELECT name, account_uuid, context_uuid, jwt_secret, disabled_at
    FROM accounts
    WHERE id = ${accountId}
    FOR SHARE`)
  if (!account) throw new AppError('RESOURCE_NOT_FOUND', 'There is no such account.')
  if (account.disabled_at) throw new AppError('CONFLICT', 'The account is disabled; enable it before making keys.')

  const keyId = randomUUID()
  const apiKey = newApiKey()
  const hmacSecret = newHmacSecret()
  const row = await tx.first<KeyRow>(sql`
    INSERT INTO api_keys (id, account_id, name, prefix, key_hash, hmac_secret, scopes, expires_at, created_at)
    VALUES (
      ${keyId},
      ${accountId},
      ${input.name},
      ${prefixOf(apiKey)},
      ${keyHash(apiKey)},
      ${ports.secrets.seal(hmacSecret, hmacPurpose(keyId))},
      ${[...input.scopes]},
      ${input.expiresAt},
      ${new Date(ports.now())}
    )
    RETURNING *`)
  if (!row) throw new Error('The new key was not stored.')
  const jwtKey = await importJwtKey(ports.secrets.open(account.jwt_secret, jwtPurpose(account.account_uuid)))
  const owner = { keyId, accountUuid: account.account_uuid, contextUuid: account.context_uuid }
  const jwt = await makeToken(owner, jwtKey, ports.now())
  return { ...keyFrom(row), account: account.name, apiKey, hmacSecret, jwt }
}
