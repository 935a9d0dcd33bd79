import { scopesOfRole } from '../../domain/roles.ts'
import { AppError } from '../../errors.ts'
import { sql, type Queryable } from '../../store/postgres/postgres.ts'
import { requireControlScope, type ControlContext } from '../accounts/controlContext.ts'
import { recordAudit } from '../accounts/recordAudit.ts'
import { checkMayGrant } from '../keys/key.ts'
import { sessionStates } from '../sessions/sessionStates.ts'
import { hashPassword } from './password.ts'
import { checkPassword } from './passwordRules.ts'
import { checkRole, checkUserName, userFrom, type User, type UserRow } from './user.ts'

/** The changes to a user; absent fields stay. */
export interface UserChange {
  name?: string
  role?: string
  disabled?: boolean
  password?: string
}

/**
 * Changes a user of the caller's account. A new role applies from the next request; disabling the user or setting
 * another password, which the user must then change first, ends the user's sessions within a second. Throws
 * RESOURCE_NOT_FOUND, and CONFLICT when callers would lock themselves out.
 */
export async function updateUser(context: ControlContext, input: { userId: string } & UserChange): Promise<User> {
  requireControlScope(context, 'admin')
  const role = input.role === undefined ? undefined : checkRole(input.role)
  if (input.name !== undefined) checkUserName(input.name)
  const passwordHash = input.password === undefined ? undefined : await hashPassword(input.password)
  const user = await context.ports.postgres.transaction(async (tx) => {
    const known = await lockUser(tx, context, input.userId)
    if (input.password !== undefined) checkPassword(input.password, known)
    checkMayGrant(context.actor, scopesOfRole[known.role])
    if (role) checkMayGrant(context.actor, scopesOfRole[role])
    refuseShuttingOut(context, known, { ...input, role })
    const disabledAt = disabledFrom(known, input.disabled, context.ports.now())
    const changed = await tx.first<UserRow>(sql`
      UPDATE users
      SET
        name = ${input.name ?? known.name},
        role = ${role ?? known.role},
        disabled_at = ${disabledAt},
        password_hash = coalesce(${passwordHash ?? null}, password_hash),
        must_change_password = must_change_password OR ${passwordHash !== undefined && !isSelf(context, known)}
      WHERE account_id = ${context.accountId}
        AND id = ${input.userId}
      RETURNING *`)
    if (!changed) throw new Error('A locked user is gone.')
    if (passwordHash !== undefined || input.disabled) await endSessionsOf(tx, context, input.userId)
    await recordAudit(tx, context, {
      action: 'user.updated',
      subject: `user:${input.userId}`,
      details: {
        role,
        disabled: input.disabled,
        renamed: input.name !== undefined,
        passwordChanged: passwordHash !== undefined,
      },
    })
    return userFrom(changed)
  })
  sessionStates(context.ports).forget()
  return user
}

/**
 * Also locks the calling user, who may just have been disabled or demoted: two users could otherwise lock each other
 * out.
 */
async function lockUser(tx: Queryable, { accountId, actor }: ControlContext, userId: string): Promise<UserRow> {
  const actorId = actor.kind === 'user' ? actor.userId : userId
  const rows = await tx.query<UserRow>(sql`
    SELECT *
    FROM users
    WHERE account_id = ${accountId}
      AND id = ANY(${[userId, actorId]}::uuid[])
    ORDER BY id
    FOR UPDATE`)
  const asking = rows.find(({ id }) => id === actorId)
  if (actor.kind === 'user' && (asking?.disabled_at || asking?.role !== 'admin')) {
    throw new AppError('INSUFFICIENT_SCOPE', 'Your role lacks the scope admin.')
  }
  const row = rows.find(({ id }) => id === userId)
  if (!row) throw new AppError('RESOURCE_NOT_FOUND', 'There is no such user.')
  return row
}

function isSelf({ actor }: ControlContext, known: UserRow): boolean {
  return actor.kind === 'user' && actor.userId === known.id
}

function refuseShuttingOut(context: ControlContext, known: UserRow, input: UserChange): void {
  if (!isSelf(context, known)) return
  if (input.disabled || (input.role !== undefined && input.role !== known.role)) {
    throw new AppError('CONFLICT', 'Nobody can disable themselves or change their own role; ask another administrator.')
  }
}

function disabledFrom(known: UserRow, disabled: boolean | undefined, nowMs: number): Date | null {
  if (disabled === undefined) return known.disabled_at
  return disabled ? (known.disabled_at ?? new Date(nowMs)) : null
}

async function endSessionsOf(tx: Queryable, context: ControlContext, userId: string): Promise<void> {
  await tx.run(sql`
    DELETE FROM sessions
    WHERE account_id = ${context.accountId}
      AND user_id = ${userId}`)
}
