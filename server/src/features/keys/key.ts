import { AppError } from '../../errors.ts'
import type { Actor } from '../../context.ts'
import { allows, scopes as knownScopes, type Scope } from '../../domain/scopes.ts'

/** An API key as users see it. */
export interface Key {
  id: string
  name: string
  /** The key's first characters. */
  prefix: string
  scopes: readonly Scope[]
  expiresAt: Date | null
  revokedAt: Date | null
  /** The id of the key that replaced it in a rotation. */
  replacedBy: string | null
  /** Accurate to the minute. */
  lastUsedAt: Date | null
  createdAt: Date
}

/** A new key with the values that are shown only once. */
export interface NewKey extends Key {
  /** The account's name. */
  account: string
  apiKey: string
  hmacSecret: string
  jwt: string
}

export interface KeyRow {
  id: string
  name: string
  prefix: string
  scopes: Scope[]
  expires_at: Date | null
  revoked_at: Date | null
  replaced_by: string | null
  last_used_at: Date | null
  created_at: Date
}

export function keyFrom(row: KeyRow): Key {
  return {
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    scopes: row.scopes,
    expiresAt: row.expires_at,
    revokedAt: row.revoked_at,
    replacedBy: row.replaced_by,
    lastUsedAt: row.last_used_at,
    createdAt: row.created_at,
  }
}

/** Returns the requested scopes without duplicates; refuses unknown scopes and an empty list. */
export function checkScopes(asked: readonly string[]): Scope[] {
  const unknown = asked.filter((scope) => !isScope(scope))
  if (unknown.length > 0 || asked.length === 0) {
    const message = `must be one or more of ${knownScopes.join(', ')}`
    throw new AppError('VALIDATION_ERROR', `scopes ${message}.`, { details: [{ field: 'scopes', message }] })
  }
  return [...new Set(asked.filter(isScope))]
}

function isScope(text: string): text is Scope {
  return knownScopes.some((scope) => scope === text)
}

/** Refuses scopes that the caller does not have; internal callers may grant all. */
export function checkMayGrant(actor: Actor, granted: readonly Scope[]): void {
  if (actor.kind === 'system') return
  const beyond = granted.filter((scope) => !allows(actor.scopes, scope))
  if (beyond.length === 0) return
  throw new AppError(
    'INSUFFICIENT_SCOPE',
    `The API key lacks ${beyond.join(', ')} itself, so it cannot hand that out; ask for scopes that it has.`,
  )
}
