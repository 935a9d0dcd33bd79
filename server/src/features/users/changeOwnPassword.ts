import { AppError } from '../../errors.ts'
import { sql } from '../../store/postgres/postgres.ts'
import type { ControlContext } from '../accounts/controlContext.ts'
import { recordAudit } from '../accounts/recordAudit.ts'
import { sessionStates } from '../sessions/sessionStates.ts'
import { sessionHash } from '../sessions/sessionToken.ts'
import { hashPassword, passwordMatches } from './password.ts'
import { checkPassword } from './passwordRules.ts'
import { refuseField } from './user.ts'

/**
 * Changes the caller's own password, for any role; the caller's other sessions end, except that of `sessionToken`.
 * Throws VALIDATION_ERROR for a wrong `currentPassword`, and CONFLICT for callers with a key.
 */
export async function changeOwnPassword(
  context: ControlContext,
  input: { currentPassword: string; newPassword: string; sessionToken: string },
): Promise<void> {
  const { ports, accountId, actor } = context
  if (actor.kind !== 'user') {
    throw new AppError('CONFLICT', 'You signed in with an API key, which has no password; rotate the key instead.')
  }
  const { userId } = actor
  const known = await ports.postgres.first<{ email: string; name: string; password_hash: string }>(sql`
    SELECT email, name, password_hash
    FROM users
    WHERE account_id = ${accountId}
      AND id = ${userId}`)
  if (known) checkPassword(input.newPassword, known)
  if (!(await passwordMatches(input.currentPassword, known?.password_hash))) {
    refuseField('currentPassword', 'is not your password')
  }
  if (input.newPassword === input.currentPassword) refuseField('password', 'must be another one than the present one')
  const passwordHash = await hashPassword(input.newPassword)
  await ports.postgres.transaction(async (tx) => {
    const changed = await tx.first(sql`
      UPDATE users
      SET
        password_hash = ${passwordHash},
        must_change_password = false
      WHERE account_id = ${accountId}
        AND id = ${userId}
        AND password_hash = ${known?.password_hash ?? ''}
      RETURNING id`)
    if (!changed) throw new AppError('CONFLICT', 'The password was changed at this moment; sign in again.')
    await tx.run(sql`
      DELETE FROM sessions
      WHERE account_id = ${accountId}
        AND user_id = ${userId}
        AND token_hash <> ${sessionHash(input.sessionToken)}`)
    await recordAudit(tx, context, { action: 'user.passwordChanged', subject: `user:${userId}` })
  })
  sessionStates(ports).forget()
}
