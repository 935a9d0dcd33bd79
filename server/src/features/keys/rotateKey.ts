import { AppError } from '../../errors.ts'
import { sql, type Queryable } from '../../store/postgres/postgres.ts'
import { recordAudit } from '../accounts/recordAudit.ts'
import { insertKey } from './insertKey.ts'
import { checkMayGrant, keyFrom, type Key, type KeyRow, type NewKey } from './key.ts'
import { announceKeyChange, keyStates } from './keyStates.ts'
import { type ControlContext, requireControlScope } from '../accounts/controlContext.ts'

const defaultOverlapSeconds = 24 * 60 * 60
const maxOverlapSeconds = 30 * 24 * 60 * 60

/**
 * Creates a key with the name, scopes and expiry of an old one; the old key works for the overlap (24 hours by default)
 * and then expires. Tokens of the old key end with it.
 */
export async function rotateKey(
  context: ControlContext,
  input: { keyId: string; overlapSeconds?: number },
): Promise<NewKey> {
  requireControlScope(context, 'admin')
  const overlapSeconds = input.overlapSeconds ?? defaultOverlapSeconds
  checkOverlap(overlapSeconds)
  const made = await context.ports.postgres.transaction(async (tx) => {
    const old = await lockRotatable(tx, context, input.keyId)
    checkMayGrant(context.actor, old.scopes)
    const key = await insertKey(tx, context, { name: old.name, scopes: old.scopes, expiresAt: old.expiresAt })
    const ends = new Date(context.ports.now() + overlapSeconds * 1000)
    await tx.run(sql`
      UPDATE api_keys
      SET replaced_by = ${key.id}, expires_at = least(expires_at, ${ends}::timestamptz)
      WHERE account_id = ${context.accountId}
        AND id = ${old.id}`)
    await recordAudit(tx, context, {
      action: 'key.rotated',
      subject: `key:${old.id}`,
      details: { replacedBy: key.id, prefix: key.prefix, overlapSeconds },
    })
    await announceKeyChange(tx)
    return key
  })
  keyStates(context.ports).forget()
  return made
}

async function lockRotatable(tx: Queryable, context: ControlContext, keyId: string): Promise<Key> {
  const row = await tx.first<KeyRow>(sql`
    SELECT *
    FROM api_keys
    WHERE account_id = ${context.accountId}
      AND id = ${keyId}
    FOR UPDATE`)
  if (!row) throw new AppError('RESOURCE_NOT_FOUND', 'There is no such API key.')
  const key = keyFrom(row)
  if (key.revokedAt) throw new AppError('CONFLICT', 'The API key is revoked; create a new one.')
  if (key.replacedBy) throw new AppError('CONFLICT', `The API key is rotated already; rotate ${key.replacedBy}.`)
  if (key.expiresAt && key.expiresAt.getTime() <= context.ports.now()) {
    throw new AppError('CONFLICT', 'The API key has expired; create a new one.')
  }
  return key
}

function checkOverlap(seconds: number): void {
  if (Number.isInteger(seconds) && seconds >= 0 && seconds <= maxOverlapSeconds) return
  const message = `must be a whole number of seconds from 0 to ${maxOverlapSeconds}`
  throw new AppError('VALIDATION_ERROR', `overlapSeconds ${message}.`, {
    details: [{ field: 'overlapSeconds', message }],
  })
}
