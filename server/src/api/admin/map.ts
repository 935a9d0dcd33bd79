import type { z } from 'zod'
import type { Account } from '../../features/accounts/account.ts'
import type { Hold } from '../../features/holds/hold.ts'
import type { Key, NewKey } from '../../features/keys/key.ts'
import type * as schema from './schema.ts'

export function keyAnswer(key: Key): z.input<typeof schema.key> {
  return {
    id: key.id,
    name: key.name,
    prefix: key.prefix,
    scopes: [...key.scopes],
    expiresAt: key.expiresAt?.toISOString() ?? null,
    revokedAt: key.revokedAt?.toISOString() ?? null,
    replacedBy: key.replacedBy,
    lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
    createdAt: key.createdAt.toISOString(),
  }
}

export function newKeyAnswer(key: NewKey): z.input<typeof schema.newKey> {
  const { account, apiKey, hmacSecret, jwt } = key
  return { ...keyAnswer(key), account, apiKey, hmacSecret, jwt }
}

export function accountAnswer(account: Account): z.input<typeof schema.account> {
  return {
    name: account.name,
    accountId: account.accountUuid,
    contextId: account.contextUuid,
    timezone: account.timezone,
    country: account.country,
    retention: account.retention,
    createdAt: account.createdAt.toISOString(),
  }
}

export function holdAnswer(hold: Hold): z.input<typeof schema.hold>['data'] {
  return { callId: hold.callId, reason: hold.reason, setBy: hold.setBy, setAt: hold.setAt.toISOString() }
}
