import { recordAudit } from '../accounts/recordAudit.ts'
import { AppError } from '../../errors.ts'
import { insertKey } from './insertKey.ts'
import { checkMayGrant, checkScopes, type NewKey } from './key.ts'
import { type ControlContext, requireControlScope } from '../accounts/controlContext.ts'

/** Creates an API key in the caller's account with at most the caller's scopes. Its secrets are shown only once. */
export async function createKey(
  context: ControlContext,
  input: { name: string; scopes: readonly string[]; expiresAt?: Date | null },
): Promise<NewKey> {
  requireControlScope(context, 'admin')
  const scopes = checkScopes(input.scopes)
  checkMayGrant(context.actor, scopes)
  checkName(input.name)
  const expiresAt = input.expiresAt ?? null
  checkExpiry(expiresAt, context.ports.now())
  return context.ports.postgres.transaction(async (tx) => {
    const key = await insertKey(tx, context, { name: input.name, scopes, expiresAt })
    await recordAudit(tx, context, {
      action: 'key.created',
      subject: `key:${key.id}`,
      details: { name: key.name, prefix: key.prefix, scopes, expiresAt },
    })
    return key
  })
}

function checkName(name: string): void {
  if (name.length >= 1 && name.length <= 200) return
  const message = 'must have 1 to 200 characters'
  throw new AppError('VALIDATION_ERROR', `name ${message}.`, { details: [{ field: 'name', message }] })
}

function checkExpiry(expiresAt: Date | null, nowMs: number): void {
  if (expiresAt === null || expiresAt.getTime() > nowMs) return
  const message = 'must be an instant that is still to come'
  throw new AppError('VALIDATION_ERROR', `expiresAt ${message}.`, { details: [{ field: 'expiresAt', message }] })
}
